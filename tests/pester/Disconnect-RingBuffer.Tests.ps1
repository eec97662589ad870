# What Disconnect-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Disconnect-RingBuffer' {
    BeforeEach {
        $name = "disconnect-$([guid]::NewGuid().ToString('N'))"
    }

    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'leaves the ring to those who still hold it' {
        $ring = New-RingBuffer -Name $name
        'stays' | Write-RingBuffer $ring
        $other = Connect-RingBuffer $name
        Disconnect-RingBuffer $ring
        $ring.IsClosed | Should -BeTrue
        Read-RingBuffer $other -Line | Should -Be 'stays'
        'x' | Write-RingBuffer $other
        (Connect-RingBuffer $name).Used | Should -Be 2
    }

    It 'ends the name when the last one leaves' {
        $ring = New-RingBuffer -Name $name
        $ring | Disconnect-RingBuffer
        Connect-RingBuffer $name -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.ConnectRingBufferCommand'
    }

    It 'spares it with -WhatIf, and refuses what is not shared' {
        $ring = New-RingBuffer -Name $name
        Disconnect-RingBuffer $name -WhatIf
        $ring.IsClosed | Should -BeFalse
        $own = New-RingBuffer
        Disconnect-RingBuffer $own -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Misuse,MemTools.Commands.DisconnectRingBufferCommand'
        $own.IsClosed | Should -BeFalse
    }
}
