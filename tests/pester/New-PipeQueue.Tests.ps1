# What New-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'New-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'makes an empty queue under a name of its own, that no pipeline unrolls' {
        $queue = New-PipeQueue
        $queue | Should -HaveCount 1
        $queue.Name, $queue.ChunkSize, $queue.Count, $queue.IsEmpty, $queue.IsCompleted | Should -Be 'queue', 256, 0, $true, $false
        (New-PipeQueue).Name, (New-PipeQueue -Name 'a b').Name | Should -Be 'queue#2', 'a b'
        (New-PipeQueue 1).ChunkSize, (New-PipeQueue -ChunkSize 1KB).ChunkSize | Should -Be 1, 1024
    }

    It 'refuses chunks of <_>' -ForEach 0, -1, 2MB {
        { New-PipeQueue -ChunkSize $_ } | Should -Throw -ErrorId 'ParameterArgumentValidationError,MemTools.Commands.NewPipeQueueCommand'
        Get-PipeQueue | Should -BeNullOrEmpty
    }

    It 'passes objects between two runspaces, in order' {
        $queue = New-PipeQueue -ChunkSize 16
        $writer = [powershell]::Create().AddScript({
            param($module, $queue)
            Import-Module $module
            1..3000 | ForEach-Object { $queue.Write($_); if ($_ % 64 -eq 0) { $null = $queue.Publish() } }
            Complete-PipeQueue $queue
        }).AddArgument((Get-ModuleUnderTest)).AddArgument($queue)
        $running = $writer.BeginInvoke()
        $read = @(Read-PipeQueue $queue -Wait)
        $writer.EndInvoke($running)
        $writer.HadErrors | Should -BeFalse
        $writer.Dispose()
        $read | Should -HaveCount 3000
        Compare-Object $read (1..3000) -SyncWindow 0 | Should -BeNullOrEmpty
        $queue.TotalPublished, $queue.TotalRead | Should -Be 3000, 3000
    }
}
