# What Remove-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $import = [scriptblock]::Create("Import-Module '$(Get-ModuleUnderTest)'")
}

Describe 'Remove-RingBuffer' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'frees the memory at once' {
        $ring = New-RingBuffer
        (Get-Content /proc/self/maps) -match 'memfd:memtools' | Should -Not -BeNullOrEmpty
        Remove-RingBuffer $ring
        (Get-Content /proc/self/maps) -match 'memfd:memtools' | Should -BeNullOrEmpty
        Get-RingBuffer | Should -BeNullOrEmpty
        $ring.IsClosed | Should -BeTrue
        { Remove-RingBuffer $ring -ErrorAction Stop } | Should -Not -Throw
    }

    It 'takes names, several, and the pipeline, and spares them with -WhatIf' {
        $null = 1..3 | ForEach-Object { New-RingBuffer }
        Get-RingBuffer | Remove-RingBuffer -WhatIf
        (Get-RingBuffer).Count | Should -Be 3
        Remove-RingBuffer ring, 'ring#3'
        (Get-RingBuffer).Name | Should -Be 'ring#2'
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
        Get-RingBuffer | Should -BeNullOrEmpty
    }

    It 'leaves a name alone that has become another ring''s' {
        $name = "removed$PID"
        $old = New-RingBuffer -Name $name
        Connect-RingBuffer $name | Remove-RingBuffer
        $new = New-RingBuffer -Name $name
        Remove-RingBuffer $old -ErrorAction Stop
        $old.IsClosed | Should -BeTrue
        $again = Connect-RingBuffer $name
        Write-RingBuffer $new 'still there'
        Read-RingBuffer $again -Line | Should -Be 'still there'
        $again, $new | Remove-RingBuffer
    }

    It 'ends a reader that waits, with an error' {
        $ring = New-RingBuffer
        $reader = Start-ThreadJob -InitializationScript $import {
            Read-RingBuffer $using:ring -Wait -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId
        }
        Wait-For { $ring.ReadStalls -gt 0 } 'the reader waits'
        Remove-RingBuffer $ring
        $reader | Receive-AndRemove | Should -Be 'Closed,MemTools.Commands.ReadRingBufferCommand'
    }

    It 'is done for all by removing the module, with a warning that names them' {
        $script = '$a = New-RingBuffer; $b = New-RingBuffer; Remove-Module MemTools; $a.IsClosed -and $b.IsClosed'
        $end = Invoke-Shell $script
        $end.Output | Should -Match "(?s)WARNING: Removing MemTools closed 2 ring buffers 'ring', 'ring#2'\..*True$"
    }
}
