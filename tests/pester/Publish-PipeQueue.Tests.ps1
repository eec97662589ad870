# What Publish-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Publish-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'shows what was written, of one queue or several' {
        $queues = (New-PipeQueue -Name one), (New-PipeQueue -Name two)
        foreach ($queue in $queues) {
            $queue.Write('x')
            $queue.Write('part', $true)
        }
        $queues | Publish-PipeQueue | Should -BeNullOrEmpty
        $queues | Read-PipeQueue | Should -Be 'x', 'x'
        $queues[0].EndMessage()
        Publish-PipeQueue one, two
        Read-PipeQueue one | Should -Be 'part'
        $queues[1].Unpublished | Should -Be 1
    }

    It 'does nothing where there is nothing, and says where it cannot' {
        $queue = New-PipeQueue
        { Publish-PipeQueue $queue -ErrorAction Stop } | Should -Not -Throw
        Remove-PipeQueue $queue
        { Publish-PipeQueue $queue -ErrorAction Stop } | Should -Throw -ErrorId 'Closed,MemTools.Commands.PublishPipeQueueCommand'
    }
}
