# What Get-PipeQueue does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-PipeQueue' {
    AfterEach {
        Get-PipeQueue | Remove-PipeQueue
    }

    It 'lists what there is, in the order of making' {
        Get-PipeQueue | Should -BeNullOrEmpty
        $queues = 1..3 | ForEach-Object { New-PipeQueue }
        (Get-PipeQueue).Name | Should -Be 'queue', 'queue#2', 'queue#3'
        $queues[1].Dispose()
        (Get-PipeQueue).Name | Should -Be 'queue', 'queue#3'
    }

    It 'finds by name, by pattern and from the pipeline, and says so where there is none' {
        $null = (New-PipeQueue -Name log), (New-PipeQueue -Name 'odd[1]')
        (Get-PipeQueue 'odd[1]').Name | Should -Be 'odd[1]'
        (Get-PipeQueue l*).Name | Should -Be 'log'
        ('log', 'odd[1]' | Get-PipeQueue).Count | Should -Be 2
        Get-PipeQueue nothing* | Should -BeNullOrEmpty
        Get-PipeQueue missing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetPipeQueueCommand'
    }

    It 'completes names' {
        $null = (New-PipeQueue -Name log), (New-PipeQueue -Name 'with space')
        (TabExpansion2 'Get-PipeQueue l' -cursorColumn 15).CompletionMatches.CompletionText | Should -Be 'log'
        (TabExpansion2 'Read-PipeQueue w' -cursorColumn 16).CompletionMatches.CompletionText | Should -Be "'with space'"
    }

    It 'fits 80 columns, and survives being converted' {
        $queue = New-PipeQueue -Name numbers
        1..1500 | Write-PipeQueue $queue
        $null = Read-PipeQueue $queue -Count 500
        'x' | Write-PipeQueue $queue -NoPublish
        $queue | Out-String -Width 80 | Should -Match 'numbers\s+open\s+1,000\s+1\s+1,500\s+500'
        $json = $queue | ConvertTo-Json | ConvertFrom-Json
        $json.Count, $json.Unpublished, $json.TotalPublished | Should -Be 1000, 1, 1500
        ($queue | ConvertTo-Csv | ConvertFrom-Csv).TotalRead | Should -Be '500'
        $copy = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($queue))
        $copy.Name, $copy.Count | Should -Be 'numbers', 1000
    }
}
