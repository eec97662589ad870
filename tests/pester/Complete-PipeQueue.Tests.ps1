# What Complete-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Complete-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'publishes what is whole, ends readers and refuses writers' {
        $queue = New-PipeQueue
        'whole' | Write-PipeQueue $queue -NoPublish
        'part' | Write-PipeQueue $queue -Incomplete
        $queue | Complete-PipeQueue | Should -BeNullOrEmpty
        { Complete-PipeQueue $queue -ErrorAction Stop } | Should -Not -Throw
        $queue.IsCompleted | Should -BeTrue
        Read-PipeQueue $queue -Wait | Should -Be 'whole'
        { 'x' | Write-PipeQueue $queue -ErrorAction Stop } | Should -Throw -ErrorId 'Completed,MemTools.Commands.WritePipeQueueCommand'
        $queue | Out-String | Should -Match 'completed'
    }

    It 'takes names and several' {
        $null = New-PipeQueue -Name one
        $null = New-PipeQueue -Name two
        Complete-PipeQueue one, two
        (Get-PipeQueue).IsCompleted | Should -Be $true, $true
    }
}
