# What New-SizeClassPool does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'New-SizeClassPool' {
    AfterEach {
        Get-MemoryPool | Remove-MemoryPool -Force
    }

    It 'gives blocks of any size that end where they end' {
        $pool = New-SizeClassPool
        foreach ($size in 0, 1, 52, 1000, 300KB, 5MB) {
            $block = $pool.Rent($size)
            $block.Length | Should -Be $size
            { $block.WriteByte($size, 1) } | Should -Throw '*do not lie within the block*'
            $block.Dispose()
            { $block.Dispose() } | Should -Throw '*has been returned*'
        }
        [MemTools.Pools.SizeClassPool]::SizeFor(52) | Should -Be 64
        $pool.InUse, $pool.TotalRents | Should -Be 0, 6
    }

    It 'tells what lies in each level, and gives all back in the end' {
        $pool = New-SizeClassPool
        $blocks = 1..500 | ForEach-Object { $pool.Rent(200) }
        $blocks | ForEach-Object Dispose
        $now = $pool.GetStatistics()
        $now.ThreadCacheBytes + $now.CentralBytes | Should -BeGreaterOrEqual (500 * 208)
        $now.MappedBytes | Should -Be $pool.MappedBytes
        $pool.Trim() | Should -BeGreaterThan 0
        $pool.MappedBytes | Should -Be 0
    }

    It 'refuses beyond its maximum' {
        $pool = New-SizeClassPool -MaximumSize 1MB
        { $pool.Rent(2MB) } | Should -Throw '*-MaximumSize of 1.0 MiB*'
        $pool.Failures | Should -BeGreaterThan 0
        { New-SizeClassPool -MaximumSize 1 } | Should -Throw -ErrorId 'Misuse,MemTools.Commands.NewSizeClassPoolCommand'
    }

    It 'says so where the process may have no more memory (RLIMIT_AS), or .NET dies of that first' {
        # Without a limit of its own the garbage collector reserves more addresses than that.
        $before = 'prlimit', '--as=6442450944', 'env', 'DOTNET_GCHeapHardLimit=10000000'
        $script = '$pool = New-SizeClassPool; $kept = [Collections.Generic.List[object]]::new(); try { while ($true) { $kept.Add($pool.Rent(64MB)) } } catch { $_.Exception.InnerException.Kind; "$_" }; foreach ($one in $kept) { $one.Dispose() }; $pool.Rent(64MB).Length'
        $end = Invoke-Shell $script -Before $before
        if ($end.ExitCode -lt 128) {
            $end.Output | Should -Match '(?s)^OutOfMemory.*ulimit -v.*67108864$'
        }
    }
}
