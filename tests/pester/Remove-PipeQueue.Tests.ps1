# What Remove-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Remove-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'takes queues off the list and closes them' {
        $queue = New-PipeQueue
        1 | Write-PipeQueue $queue
        Remove-PipeQueue $queue
        Get-PipeQueue | Should -BeNullOrEmpty
        $queue.IsClosed, $queue.Count | Should -Be $true, 1
        { Remove-PipeQueue $queue } | Should -Not -Throw
        { Read-PipeQueue $queue -ErrorAction Stop } | Should -Throw -ErrorId 'Closed,MemTools.Commands.ReadPipeQueueCommand'
        $queue | Out-String | Should -Match 'removed'
    }

    It 'takes names, several, and the pipeline, and spares them with -WhatIf' {
        1..3 | ForEach-Object { $null = New-PipeQueue }
        Get-PipeQueue | Remove-PipeQueue -WhatIf
        (Get-PipeQueue).Count | Should -Be 3
        Remove-PipeQueue queue, 'queue#3'
        (Get-PipeQueue).Name | Should -Be 'queue#2'
    }

    It 'is done for all by removing the module, with a warning that names them' {
        $end = Invoke-Shell '$a = New-PipeQueue; $b = New-PipeQueue; Remove-Module MemTools; $a.IsClosed -and $b.IsClosed'
        $end.Output | Should -Match "(?s)WARNING: Removing MemTools closed 2 pipe queues 'queue', 'queue#2'\..*True$"
    }
}
