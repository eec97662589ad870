# What Get-MallocHeap says, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-MallocHeap' {
    It 'describes the heap of this process, and its numbers add up' {
        $heap = Get-MallocHeap
        $heap.ProcessId | Should -Be $PID
        $heap.SystemBytes | Should -Be ($heap.InUseBytes + $heap.FreeBytes)
        ($heap.Arenas | Measure-Object SystemBytes -Sum).Sum | Should -Be $heap.SystemBytes
        $heap.Arenas[0].Backing | Should -Be 'Break'
        $heap.ForeignAllocator | Should -BeNullOrEmpty
    }

    It 'counts a mapped block of 40 MB' {
        # No threshold is above 32 MiB. The median: other threads of the shell have mapped blocks of their own, which come and go.
        $grown = foreach ($i in 1..5) {
            $before = Get-MallocHeap
            $block = [Runtime.InteropServices.Marshal]::AllocHGlobal(40MB)
            try { $after = Get-MallocHeap }
            finally { [Runtime.InteropServices.Marshal]::FreeHGlobal($block) }
            [pscustomobject]@{ Bytes = $after.MappedBytes - $before.MappedBytes; Blocks = $after.MappedBlocks - $before.MappedBlocks }
        }
        @($grown.Bytes | Sort-Object)[2] | Should -BeGreaterOrEqual 40MB
        @($grown.Blocks | Sort-Object)[2] | Should -BeGreaterThan 0
    }

    It 'returns the XML of glibc with -Raw' {
        $report = [xml] (Get-MallocHeap -Raw)
        $report.malloc.heap.Count | Should -BeGreaterThan 0
    }

    It 'survives JSON and a job with arenas and bins' {
        $copy = Get-MallocHeap | ConvertTo-Json -Depth 4 | ConvertFrom-Json
        $copy.Arenas[0].SystemBytes | Should -BeOfType [long]
        $module = Get-ModuleUnderTest
        $heap = Start-Job { Import-Module $using:module; Get-MallocHeap } | Receive-AndRemove
        $heap.Arenas[0].SystemBytes | Should -BeOfType [long]
        @($heap.Arenas.Bins)[0].Kind | Should -BeIn 'Fast', 'Small', 'Unsorted', 'Large'
    }

    It 'warns where another allocator serves the process' {
        $library = Get-ChildItem /usr/lib/*/libjemalloc.so.2, /usr/lib64/libjemalloc.so.2 -ErrorAction Ignore | Select-Object -First 1
        if (-not $library) { Set-ItResult -Skipped -Because 'needs libjemalloc2' }
        $end = Invoke-Shell '(Get-MallocHeap).ForeignAllocator' -Before 'env', "LD_PRELOAD=$library"
        $end.Output | Should -Match 'WARNING: This process allocates with .*libjemalloc'
        $end.ExitCode | Should -Be 0
    }
}
