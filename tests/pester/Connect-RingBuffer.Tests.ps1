# What Connect-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Connect-RingBuffer' {
    BeforeEach {
        $name = "connect-$([guid]::NewGuid().ToString('N'))"
    }

    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'joins a ring of another process' {
        $script = "`$r = New-RingBuffer -Name $name -Capacity 64KB; Write-RingBuffer `$r 'from the other'; while (-not `$r.IsCompleted) { Start-Sleep -Milliseconds 20 }; 'ended'"
        $shell = Open-Shell $script
        $ring = Connect-RingBuffer $name -TimeoutSec 300
        $ring.IsShared, $ring.Capacity, $ring.OwnerProcessId | Should -Be $true, 64KB, $shell.Process.Id
        Read-RingBuffer $ring -Line -Count 1 -Wait | Should -Be 'from the other'
        Complete-RingBuffer $ring
        (Close-Shell $shell).Output | Should -BeExactly 'ended'
    }

    It 'reads what the other process wrote, to its end' {
        $ring = New-RingBuffer -Name $name -Capacity 4096
        $shell = Open-Shell "`$r = Connect-RingBuffer $name; 1..500 | ForEach-Object { `"line `$_`" } | Write-RingBuffer `$r; Complete-RingBuffer `$r"
        $lines = Read-RingBuffer $ring -Line -Wait
        $lines.Count | Should -Be 500
        $lines[-1] | Should -Be 'line 500'
        (Close-Shell $shell).Error | Should -BeNullOrEmpty
    }

    It 'says that a name leads to nothing, at once or in time' {
        Connect-RingBuffer $name -ErrorVariable failed -ErrorAction SilentlyContinue
        Connect-RingBuffer $name -TimeoutSec 0.1 -ErrorVariable +failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be (@('NotFound,MemTools.Commands.ConnectRingBufferCommand') * 2)
        $failed.TargetObject | Should -Be $name, $name
    }

    It 'takes names and what Get-RingBuffer lists from the pipeline, and completes them' {
        $ring = New-RingBuffer -Name $name
        ($name | Connect-RingBuffer).SharedName | Should -Be $name
        (TabExpansion2 "Connect-RingBuffer $name" -cursorColumn (19 + 20)).CompletionMatches.CompletionText | Should -Be $name
        $ring.SharedName | Should -Be $name
    }

    It 'is told that another process has the role already' {
        $ring = New-RingBuffer -Name $name
        Write-RingBuffer $ring 'mine'
        $end = Invoke-Shell "`$r = Connect-RingBuffer $name; Write-RingBuffer `$r 'x' -ErrorVariable e -ErrorAction SilentlyContinue; `$e[0].FullyQualifiedErrorId"
        $end.Output | Should -BeExactly 'Busy,MemTools.Commands.WriteRingBufferCommand'
    }

    It 'notices that the writer was killed, after all it wrote' {
        $shell = Open-Shell "`$r = New-RingBuffer -Name $name; 'last words' | Write-RingBuffer `$r; Start-Sleep 3600"
        $ring = Connect-RingBuffer $name -TimeoutSec 300
        Wait-For { $ring.Used -gt 0 } 'the other has written'
        kill -KILL $shell.Process.Id
        Read-RingBuffer $ring -Line -Wait -ErrorVariable failed -ErrorAction SilentlyContinue | Should -Be 'last words'
        $failed.FullyQualifiedErrorId | Should -BeExactly 'PeerDied,MemTools.Commands.ReadRingBufferCommand'
        $null = $shell.Process.WaitForExit(300000)
    }
}
