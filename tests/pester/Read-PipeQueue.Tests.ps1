# What Read-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Read-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'takes what is there, or at most a count' {
        $queue = New-PipeQueue -ChunkSize 2
        1..5 | Write-PipeQueue $queue
        Read-PipeQueue $queue -Count 2 | Should -Be 1, 2
        Read-PipeQueue $queue 10 | Should -Be 3, 4, 5
        Read-PipeQueue $queue | Should -BeNullOrEmpty
        $queue.TotalRead | Should -Be 5
    }

    It 'leaves what a later command does not want' {
        $queue = New-PipeQueue
        1..5 | Write-PipeQueue $queue
        Read-PipeQueue $queue | Select-Object -First 2 | Should -Be 1, 2
        Read-PipeQueue $queue -Wait -Count 2 | Should -Be 3, 4
        $queue.Count | Should -Be 1
    }

    It 'looks without taking with -Peek' {
        $queue = New-PipeQueue
        Read-PipeQueue $queue -Peek | Should -BeNullOrEmpty
        1, 2 | Write-PipeQueue $queue
        Read-PipeQueue $queue -Peek | Should -Be 1
        $queue.Count | Should -Be 2
        { Read-PipeQueue $queue -Peek -Wait } | Should -Throw
    }

    It 'waits until the end with -Wait' {
        $queue = New-PipeQueue
        1, 2 | Write-PipeQueue $queue
        Complete-PipeQueue $queue
        Read-PipeQueue $queue -Wait | Should -Be 1, 2
        Read-PipeQueue $queue -Wait | Should -BeNullOrEmpty
    }

    It 'ends quietly when the time runs out' {
        $queue = New-PipeQueue
        Read-PipeQueue $queue -TimeoutSec 0.01 -ErrorAction Stop | Should -BeNullOrEmpty
        1..3 | Write-PipeQueue $queue
        Read-PipeQueue $queue -Wait -TimeoutSec 0.01 | Should -Be 1, 2, 3
        1..3 | Write-PipeQueue $queue
        Read-PipeQueue $queue -TimeoutSec 0 | Should -Be 1, 2, 3
        1 | Write-PipeQueue $queue
        Read-PipeQueue $queue -Count 2 -TimeoutSec 0.01 | Should -Be 1
    }

    It 'is ended by Ctrl+C and by removal while it waits, and refuses a second reader' {
        $queue = New-PipeQueue
        $reader = [powershell]::Create().AddScript({ param($module, $queue) Import-Module $module; Read-PipeQueue $queue -Wait }).AddArgument((Get-ModuleUnderTest)).AddArgument($queue)
        $running = $reader.BeginInvoke()
        Wait-For { $queue.ReadStalls -eq 1 } 'the reader waits'
        { Read-PipeQueue $queue -ErrorAction Stop } | Should -Throw -ErrorId 'OverlappingUse,MemTools.Commands.ReadPipeQueueCommand'
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $reader.Stop()
        { $reader.EndInvoke($running) } | Should -Throw
        $watch.Elapsed | Should -BeLessThan ([timespan]::FromMinutes(2))
        $running = $reader.BeginInvoke()
        Wait-For { $queue.ReadStalls -eq 2 } 'the reader waits again'
        Remove-PipeQueue $queue
        $null = $reader.EndInvoke($running)
        $reader.Streams.Error[0].FullyQualifiedErrorId | Should -BeExactly 'Closed,MemTools.Commands.ReadPipeQueueCommand'
        $reader.Dispose()
    }
}
