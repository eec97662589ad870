# What Write-MappedFile does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Write-MappedFile' {
    BeforeEach {
        $folder = Enter-DataFolder $TestDrive
        $file = Open-MappedFile data.bin -Mode ReadWrite
    }

    AfterEach { Exit-DataFolder }

    It 'writes bytes, text and numbers by their type' {
        Write-MappedFile $file ([byte[]](9, 8)) -Offset 1
        Write-MappedFile $file 'abc' -Offset 10
        Write-MappedFile $file 258 -Offset 20
        Write-MappedFile $file ([uint16] 258), ([long] 1) -Offset 30 -BigEndian
        $bytes = [IO.File]::ReadAllBytes("$folder/data.bin")
        $bytes[0..3] | Should -Be 0, 9, 8, 3
        $bytes[10..13] | Should -Be 97, 98, 99, 13
        $bytes[20..24] | Should -Be 2, 1, 0, 0, 24
        $bytes[30..40] | Should -Be 1, 2, 0, 0, 0, 0, 0, 0, 0, 1, 40
        $bytes.Count | Should -Be 256
    }

    It 'gathers single bytes of the pipeline' {
        [byte[]](200..100) | Write-MappedFile $file -Offset 5
        (Read-MappedFile $file 5 101) | Should -Be (200..100)
    }

    It 'converts with -As' {
        1, 2.0, '3' | Write-MappedFile $file -As Int16
        (Read-MappedFile $file 0 3 -As Int16) | Should -Be 1, 2, 3
        { Write-MappedFile $file 300 -As Byte } | Should -Throw
        { Write-MappedFile $file (Get-Date) } | Should -Throw '*has no bytes to write*'
    }

    It 'writes a large array whole, and returns the mapping when asked' {
        $large = Open-MappedFile large -Mode ReadWrite -Create -Length 3MB
        $bytes = [byte[]]::new(3MB)
        [Random]::new(1).NextBytes($bytes)
        (Write-MappedFile $large -InputObject $bytes -PassThru).Name | Should -Be 'large'
        [Linq.Enumerable]::SequenceEqual([byte[]] (Read-MappedFile $large), $bytes) | Should -BeTrue
    }

    It 'keeps Private to itself and refuses ReadOnly' {
        $mine = Open-MappedFile data.bin -Mode Private
        Write-MappedFile $mine 'mine'
        Read-MappedFile $mine 0 4 -AsString | Should -BeExactly 'mine'
        (Read-MappedFile $file 0 4) | Should -Be 0, 1, 2, 3
        { Write-MappedFile (Open-MappedFile data.bin) 'x' } | Should -Throw '*is ReadOnly*'
    }

    It 'ends where it fails, and keeps what was not written' {
        $failure = { 'abc', 'def' | Write-MappedFile $file -Offset 254 } | Should -Throw -PassThru
        $failure.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.WriteMappedFileCommand'
        [Text.Encoding]::ASCII.GetString($failure.TargetObject) | Should -BeExactly 'abcdef'
        (Read-MappedFile $file 254 2) | Should -Be 254, 255
    }

    It 'writes nothing with -WhatIf' {
        Write-MappedFile $file 'abc' -WhatIf
        (Read-MappedFile $file 0 3) | Should -Be 0, 1, 2
    }
}
