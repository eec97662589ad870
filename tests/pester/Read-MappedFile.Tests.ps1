# What Read-MappedFile does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Read-MappedFile' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'returns bytes as one object' {
        $file = Open-MappedFile data.bin
        $bytes = Read-MappedFile $file -Offset 10 -Count 3
        , $bytes | Should -BeOfType byte[]
        $bytes | Should -Be 10, 11, 12
        @(Read-MappedFile $file | ForEach-Object { $_.GetType().Name }) | Should -Be 'Byte[]'
    }

    It 'returns text in an encoding' {
        [IO.File]::WriteAllText("$folder/text", 'Grüße', [Text.Encoding]::Unicode)
        $file = Open-MappedFile text
        Read-MappedFile $file 2 -AsString -Encoding unicode | Should -BeExactly 'Grüße'
        Read-MappedFile $file 2 2 -AsString -Encoding utf-16 | Should -BeExactly 'G'
        { Read-MappedFile $file -AsString -Encoding nonsense } | Should -Throw '*is no encoding*'
    }

    It 'returns one number, or an array with -Count' {
        $file = Open-MappedFile data.bin
        Read-MappedFile $file 1 -As Int32 | Should -Be 0x04030201
        Read-MappedFile $file 1 -As Int32 -BigEndian | Should -Be 0x01020304
        $numbers = Read-MappedFile $file 0 -Count 2 -As UInt16
        , $numbers | Should -BeOfType uint16[]
        $numbers | Should -Be 0x0100, 0x0302
        foreach ($type in 'Byte', 'SByte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64', 'Single', 'Double') {
            (Read-MappedFile $file 128 -As $type).GetType().Name | Should -BeExactly $type
        }
    }

    It 'fills a buffer that is there, and no copy of it' {
        $file = Open-MappedFile data.bin
        $buffer = [byte[]]::new(100)
        Read-MappedFile $file 200 -Into $buffer | Should -Be 56
        $buffer[0], $buffer[55], $buffer[56] | Should -Be 200, 255, 0
        Read-MappedFile $file 0 4 -Into $buffer | Should -Be 4
        foreach ($other in [int[]]::new(4), [Collections.Generic.List[byte]]::new(), 'text') {
            Read-MappedFile $file -Into $other -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.ReadMappedFileCommand'
        }
    }

    It 'takes the mapping by name and from the pipeline' {
        $file = Open-MappedFile data.bin
        Read-MappedFile data.bin 5 -As Byte | Should -Be 5
        $file | Read-MappedFile -Offset 6 -As Byte | Should -Be 6
        { Read-MappedFile missing } | Should -Throw "*No mapped file is called 'missing'*"
    }

    It 'fails with the kind <Kind>' -ForEach @(
        @{ Kind = 'Misuse'; Prepare = {}; Offset = 250; Count = 7 }
        @{ Kind = 'FileTruncated'; Prepare = { [IO.File]::WriteAllBytes("$folder/data.bin", [byte[]]::new(5)) }; Offset = 0; Count = 6 }
        @{ Kind = 'Closed'; Prepare = { $file.Dispose() }; Offset = 0; Count = 1 }
    ) {
        $file = Open-MappedFile data.bin
        . $Prepare
        Read-MappedFile $file $Offset $Count -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeExactly "$Kind,MemTools.Commands.ReadMappedFileCommand"
        $failed[0].TargetObject.Path | Should -BeExactly "$folder/data.bin"
    }
}
