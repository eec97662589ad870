# What Set-PageCache does, as its users see it.

BeforeDiscovery {
    # Files in memory cannot be evicted.
    $inMemory = (stat -f -c %T ([IO.Path]::GetTempPath())) -in 'tmpfs', 'ramfs', 'overlayfs'
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Set-PageCache' {
    BeforeEach { $folder = Enter-DataFolder $TestDrive }

    AfterEach { Exit-DataFolder }

    It 'evicts and loads, and says what came of it' -Skip:$inMemory {
        $evicted = Set-PageCache data.bin Evict
        $evicted.ResidentPagesBefore, $evicted.ResidentPagesAfter, $evicted.Complete | Should -Be 1, 0, $true
        (Get-PageCache data.bin).ResidentPages | Should -Be 0
        $loaded = Set-PageCache data.bin Load
        $loaded.ResidentPagesBefore, $loaded.ResidentPagesAfter, $loaded.Complete | Should -Be 0, 1, $true
        [IO.File]::ReadAllBytes("$folder/data.bin") | Should -Be (0..255)
    }

    It 'takes a part' -Skip:$inMemory {
        $page = [Environment]::SystemPageSize
        [IO.File]::WriteAllBytes("$folder/large", [byte[]]::new(100 * $page))
        $null = Set-PageCache large Evict
        $change = Set-PageCache large -Action Load -Offset (10 * $page) -Length (5 * $page)
        $change.Pages, $change.ResidentPagesAfter | Should -Be 5, 5
        (Get-PageCache large -Detailed).Runs[0].Offset | Should -Be (10 * $page)
    }

    It 'warns of what stays in memory' {
        $file = "/dev/shm/memtools-test-$([guid]::NewGuid().ToString('N'))"
        try {
            Set-Content $file 'x'
            (Set-PageCache $file Evict -WarningVariable warned -WarningAction SilentlyContinue).Complete | Should -BeFalse
            "$warned" | Should -Match '1 of 1 pages .* stayed in memory'
        }
        finally {
            Remove-Item $file
        }
    }

    It 'walks a tree, and does nothing with -WhatIf' {
        Set-Content a, b 'x'
        Set-PageCache . Load -Recurse -WhatIf | Should -BeNullOrEmpty
        (Set-PageCache . Load -Recurse).Path | Should -Be "$folder/a", "$folder/b", "$folder/data.bin"
    }

    It 'refuses <Name>' -ForEach @(
        @{ Name = 'an offset behind the end'; Kind = 'Misuse'; Parameters = @{ Path = 'data.bin'; Offset = 257 } }
        @{ Name = 'a folder'; Kind = 'IsDirectory'; Parameters = @{ Path = '/' } }
        @{ Name = 'a device'; Kind = 'NotSupported'; Parameters = @{ Path = '/dev/null' } }
        @{ Name = 'a missing file'; Kind = 'NotFound'; Parameters = @{ Path = 'missing' } }
    ) {
        Set-PageCache @Parameters Load -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeExactly "$Kind,MemTools.Commands.SetPageCacheCommand"
    }
}
