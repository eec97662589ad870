# What Close-MappedFile does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Close-MappedFile' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'unmaps at once' {
        $file = Open-MappedFile data.bin
        Close-MappedFile $file
        Get-Content /proc/self/maps | Where-Object { $_ -like "*$folder/data.bin" } | Should -BeNullOrEmpty
        Get-MappedFile | Should -BeNullOrEmpty
        $file.IsClosed, $file.ResidentPages | Should -Be $true, $null
        { Close-MappedFile $file } | Should -Not -Throw
        $file | Out-String | Should -Match 'closed'
    }

    It 'takes names, several, and the pipeline, and spares them with -WhatIf' {
        $null = 1..3 | ForEach-Object { Open-MappedFile data.bin }
        Get-MappedFile | Close-MappedFile -WhatIf
        (Get-MappedFile).Count | Should -Be 3
        Close-MappedFile data.bin, 'data.bin#3'
        (Get-MappedFile).Name | Should -Be 'data.bin#2'
        Get-MappedFile | Close-MappedFile
        Get-MappedFile | Should -BeNullOrEmpty
    }

    It 'is done for all by removing the module, with a warning that names them' {
        $script = "`$a = Open-MappedFile '$folder/data.bin'; `$b = Open-MappedFile '$folder/data.bin'; Remove-Module MemTools; `$a.IsClosed -and `$b.IsClosed; @(Get-Content /proc/self/maps | Where-Object { `$_ -like '*$folder/data.bin' }).Count"
        $end = Invoke-Shell $script
        $end.Output | Should -Match "(?s)WARNING: Removing MemTools closed 2 mapped files 'data\.bin', 'data\.bin#2'\..*True\s+0$"
    }
}
