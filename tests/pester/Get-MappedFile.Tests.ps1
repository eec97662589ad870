# What Get-MappedFile does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-MappedFile' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'lists what is open, in the order of opening' {
        Get-MappedFile | Should -BeNullOrEmpty
        $files = 1..3 | ForEach-Object { Open-MappedFile data.bin }
        (Get-MappedFile).Name | Should -Be 'data.bin', 'data.bin#2', 'data.bin#3'
        $files[1].Dispose()
        (Get-MappedFile).Name | Should -Be 'data.bin', 'data.bin#3'
    }

    It 'finds by name, by pattern and from the pipeline' {
        Set-Content -LiteralPath 'odd[1].txt' 'x'
        $null = Open-MappedFile -LiteralPath data.bin, 'odd[1].txt'
        (Get-MappedFile 'odd[1].txt').Name | Should -Be 'odd[1].txt'
        (Get-MappedFile d*).Name | Should -Be 'data.bin'
        ('data.bin', 'odd[1].txt' | Get-MappedFile).Count | Should -Be 2
        Get-MappedFile nothing* | Should -BeNullOrEmpty
    }

    It 'says so where there is none of that name' {
        Get-MappedFile missing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetMappedFileCommand'
    }

    It 'completes names' {
        Set-Content 'with space' 'x'
        $null = Open-MappedFile data.bin, 'with space'
        (TabExpansion2 'Get-MappedFile d' -cursorColumn 16).CompletionMatches.CompletionText | Should -Be 'data.bin'
        (TabExpansion2 'Close-MappedFile w' -cursorColumn 18).CompletionMatches.CompletionText | Should -Be "'with space'"
    }

    It 'fits 80 columns' {
        $null = Open-MappedFile data.bin -Mode ReadWrite
        $lines = Get-MappedFile | Out-String -Width 80
        $lines | Should -Match 'data\.bin\s+ReadWrite\s+0 B\s+256 B\s+\d.*KiB\s+[0-9a-f]{8,}'
    }
}
