# What Sync-MappedFile does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Sync-MappedFile' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'waits with -Wait and reports what was dirty' {
        $file = Open-MappedFile data.bin -Mode ReadWrite
        $file.WriteByte(0, 1)
        $result = Sync-MappedFile $file -Wait
        $result.Waited, $result.Offset, $result.Length | Should -Be $true, 0, 256
        $result.DirtyBytesAfter | Should -BeIn $null, 0
        $result.Elapsed | Should -BeOfType timespan
    }

    It 'takes a part, from the pipeline too' {
        $file = Open-MappedFile data.bin -Mode ReadWrite
        ($file | Sync-MappedFile -Offset 100 -Length 5).Length | Should -Be 5
        Sync-MappedFile $file -Offset 300 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.SyncMappedFileCommand'
    }

    It 'has nothing to do for a Private one, and says so' {
        Open-MappedFile data.bin -Mode Private | Sync-MappedFile -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.SyncMappedFileCommand'
    }
}
