# What Trace-Allocation does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $page = [Environment]::SystemPageSize
}

Describe 'Trace-Allocation' {
    It 'takes several sizes, and returns one trace for each in their order' {
        $traces = Trace-Allocation 64, 4KB, 20MB
        $traces.Size | Should -Be 64, 4096, 20971520
        $traces.Source | Should -Be 'Break', 'Break', 'Mapping'
        $traces[0].BreakMovedBytes | Should -Be (128KB + $page)
    }

    It 'takes sizes from the pipeline, all for one worker' {
        $traces = 200, 200 | Trace-Allocation
        $traces | Should -HaveCount 2
        $traces[1].Source | Should -Be 'Tcache'
        $traces[1].Address | Should -Be $traces[0].Address
    }

    It 'reports a size that glibc refuses as a result, with the errno' {
        $trace = Trace-Allocation 9223372036854775808 -ErrorAction Stop
        $trace.Source | Should -Be 'Refused'
        $trace.ErrorName | Should -Be 'ENOMEM'
        $trace.UsableSize | Should -BeNullOrEmpty
    }

    It 'allocates 0 bytes, which is legal' {
        (Trace-Allocation 0).UsableSize | Should -Be 24
    }

    It 'refuses <Size>' -ForEach @(@{ Size = -1 }, @{ Size = [long]::MinValue }, @{ Size = @(64, -2) }) {
        { Trace-Allocation $Size } | Should -Throw '*is negative*' -ErrorId 'ParameterArgumentTransformationError,*'
    }

    It 'finds the threshold that was set' {
        $search = Trace-Allocation -FindThreshold -MmapThreshold 1MB
        $search.MmapThreshold | Should -Be 1MB
        $search.SmallestMappedSize | Should -Be ($search.LargestHeapSize + 1)
        $search.Probes.Count | Should -BeGreaterThan 10
    }

    It 'shows that freeing a mapping raises the threshold' {
        $rise = Trace-Allocation -Dynamic 5MB
        $rise.FirstSource, $rise.FreedTo, $rise.SecondSource | Should -Be 'Mapping', 'Unmapped', 'Break'
        $rise.ThresholdAfter | Should -BeGreaterOrEqual 5MB
        $rise.ThresholdBefore | Should -BeLessThan $rise.ThresholdAfter
    }

    It 'shows that a late block pins the top' {
        $steps = Trace-Allocation -PinTop 60000 -Count 50
        $steps[2].BreakMovedBytes | Should -Be 0
        $steps[-1].BreakMovedBytes | Should -BeLessThan -2MB
    }

    It 'refuses what would show nothing, and says what would' {
        { Trace-Allocation -PinTop 1MB -MmapThreshold 128KB } | Should -Throw '*take less than*' -ErrorId 'Misuse,*'
        { Trace-Allocation -PinTop 1KB, 2KB } | Should -Throw '*takes one size*' -ErrorId 'Misuse,*'
        { Trace-Allocation 1 -MmapThreshold 64MB } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'survives JSON and a job with its values' {
        $trace = Trace-Allocation 20MB
        $copy = $trace | ConvertTo-Json | ConvertFrom-Json
        $copy.MappedBytes | Should -Be $trace.MappedBytes
        $copy.Address | Should -Be $trace.Address
        $module = Get-ModuleUnderTest
        $search = Start-Job { Import-Module $using:module; Trace-Allocation -FindThreshold -MmapThreshold 1MB } | Receive-AndRemove
        $search.MmapThreshold | Should -Be 1MB
        $search.Probes[0].Size | Should -BeOfType [long]
    }

    It 'leaves the break of the shell alone' {
        # Nothing moves it while the shell waits, but what the shell itself allocates: far less than the 200 MB here.
        $before = (Get-MallocHeap).Arenas[0].SystemBytes
        $null = Trace-Allocation -PinTop 60000 -Count 3000
        (Get-MallocHeap).Arenas[0].SystemBytes | Should -BeLessThan ($before + 50MB)
    }

    It 'leaves no worker behind when its shell is killed' {
        # 100,000 sizes take the worker much longer than it takes to kill its parent.
        $shell = Open-Shell 'Trace-Allocation (@(64) * 100000) | Out-Null'
        try {
            $script:worker = 0
            Wait-For {
                $script:worker = Get-ChildItem /proc -Directory | Where-Object Name -Match '^\d+$' | Where-Object {
                    (Get-Content "$_/status" -ErrorAction Ignore) -contains "PPid:`t$($shell.Process.Id)" -and
                    (Get-Content "$_/environ" -Raw -ErrorAction Ignore) -match 'MEMTOOLS_WORKER_TASK'
                } | Select-Object -First 1 -ExpandProperty Name
                $script:worker -or $shell.Process.HasExited
            } 'the worker runs'
            $script:worker | Should -Not -BeNullOrEmpty
            $shell.Process.Kill()
            $shell.Process.WaitForExit()
            Wait-For { -not (Test-Path "/proc/$script:worker") -or (Get-Content "/proc/$script:worker/status") -match '^State:\s+Z' } 'the worker is gone'
        }
        finally {
            if (-not $shell.Process.HasExited) { $shell.Process.Kill($true) }
        }
    }
}
