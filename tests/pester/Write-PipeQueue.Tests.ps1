# What Write-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Write-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'publishes at the end of its pipeline, and not before' {
        $queue = New-PipeQueue
        1..3 | ForEach-Object { $_; $queue.Count } | Write-PipeQueue $queue
        Read-PipeQueue $queue | Should -Be 1, 0, 2, 0, 3, 0
    }

    It 'leaves that to others with -NoPublish' {
        $queue = New-PipeQueue
        1..3 | Write-PipeQueue $queue -NoPublish
        Read-PipeQueue $queue | Should -BeNullOrEmpty
        $queue.Count, $queue.Unpublished | Should -Be 0, 3
        4 | Write-PipeQueue $queue
        Read-PipeQueue $queue | Should -Be (1..4)
    }

    It 'makes a message of several pipelines with -Incomplete' {
        $queue = New-PipeQueue
        'a', 'b' | Write-PipeQueue $queue -Incomplete
        Publish-PipeQueue $queue
        Read-PipeQueue $queue | Should -BeNullOrEmpty
        'c' | Write-PipeQueue $queue
        Read-PipeQueue $queue | Should -Be 'a', 'b', 'c'
    }

    It 'takes back what a pipeline wrote that broke off, and no more' {
        $queue = New-PipeQueue
        'before' | Write-PipeQueue $queue -NoPublish
        { 1..5 | ForEach-Object { if ($_ -eq 4) { throw 'enough' }; $_ } | Write-PipeQueue $queue } | Should -Throw 'enough'
        $queue.Unpublished | Should -Be 1
        'after' | Write-PipeQueue $queue
        Read-PipeQueue $queue | Should -Be 'before', 'after'
    }

    It 'writes any object, also arrays, nulls and nothing' {
        $queue = New-PipeQueue
        Write-PipeQueue $queue -InputObject 1, 2
        Write-PipeQueue $queue $null
        Write-PipeQueue $queue ''
        @() | Write-PipeQueue $queue
        $queue.Count | Should -Be 3
        $table = @{ a = 1 }
        $table | Write-PipeQueue $queue
        $first = Read-PipeQueue $queue -Count 1
        $first | Should -Be 1, 2
        $rest = @(Read-PipeQueue $queue)
        ($null -eq $rest[0]), $rest[1], [object]::ReferenceEquals($rest[2], $table) | Should -Be $true, '', $true
    }

    It 'takes a name' {
        $null = New-PipeQueue -Name lines
        'x' | Write-PipeQueue lines
        Read-PipeQueue LINES | Should -Be 'x'
        { 'x' | Write-PipeQueue missing } | Should -Throw "*No pipe queue is called 'missing'*Get-PipeQueue*"
    }

    It 'keeps what was not written in the error' {
        $queue = New-PipeQueue
        Complete-PipeQueue $queue
        'a', 'b' | Write-PipeQueue $queue -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.TargetObject | Should -Be 'a', 'b'
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'Completed,MemTools.Commands.WritePipeQueueCommand'
        Remove-PipeQueue $queue
        'c' | Write-PipeQueue $queue -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'Closed,MemTools.Commands.WritePipeQueueCommand'
        $failed[0].CategoryInfo.Category | Should -Be 'InvalidOperation'
    }
}
