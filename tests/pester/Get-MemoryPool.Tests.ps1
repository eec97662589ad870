# What Get-MemoryPool does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-MemoryPool' {
    AfterEach {
        Get-MemoryPool | Remove-MemoryPool -Force
    }

    It 'lists what lives, by name, by pattern and from the pipeline' {
        $pools = (New-FixedPool 64 4), (New-FixedPool 64 4), (New-RegionPool), (New-SizeClassPool -Name 'odd[1]')
        (Get-MemoryPool).Name | Should -Be 'fixed', 'fixed#2', 'region', 'odd[1]'
        (Get-MemoryPool 'odd[1]').Kind | Should -Be 'SizeClass'
        (Get-MemoryPool f*).Count | Should -Be 2
        ('region', 'fixed' | Get-MemoryPool).Kind | Should -Be 'Region', 'Fixed'
        $pools[0].Dispose()
        (Get-MemoryPool f*).Name | Should -Be 'fixed#2'
        Get-MemoryPool missing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetMemoryPoolCommand'
    }

    It 'has the figures' {
        $pool = New-FixedPool 1000 10
        $blocks = 1..25 | ForEach-Object { $pool.Rent() }
        $blocks[0..9] | ForEach-Object Dispose
        $now = Get-MemoryPool fixed
        $now.Blocks, $now.InUse, $now.Free, $now.HighWaterMark, $now.Growths, $now.Failures, $now.TotalRents |
            Should -Be 40, 15, 25, 25, 2, 0, 25
        $now.MappedBytes | Should -BeGreaterOrEqual (40 * 1008)
        $now.WasteBytes | Should -Be ($now.MappedBytes - 40000)
        (Get-MemoryPool -Rented).Count | Should -Be 15
    }

    It 'fits 80 columns' {
        $pool = New-FixedPool 1KB 100
        $pool.Rent().Fill(1)
        Get-MemoryPool | Out-String -Width 80 | Should -Match 'fixed\s+Fixed\s+1\.0 KiB\s+1\s+99\s+1\s+\S+ KiB\s+\S+ KiB'
    }

    It 'completes names' {
        $null = (New-FixedPool 64 4 -Name first), (New-FixedPool 64 4 -Name 'with space')
        (TabExpansion2 'Get-MemoryPool f' -cursorColumn 16).CompletionMatches.CompletionText | Should -Be 'first'
        (TabExpansion2 'Remove-MemoryPool w' -cursorColumn 19).CompletionMatches.CompletionText | Should -Be "'with space'"
    }
}
