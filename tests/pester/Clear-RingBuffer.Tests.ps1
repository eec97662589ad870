# What Clear-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Clear-RingBuffer' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'throws away what is there, and nothing else' {
        $ring = New-RingBuffer
        'a', 'b' | Write-RingBuffer $ring
        Clear-RingBuffer $ring
        $ring.IsEmpty, $ring.TotalWritten, $ring.TotalRead | Should -Be $true, 4, 4
        'c' | Write-RingBuffer $ring
        Read-RingBuffer $ring -Line | Should -Be 'c'
    }

    It 'does so with records and where the oldest is dropped' {
        $rings = @(New-RingBuffer -Record; New-RingBuffer -Record -WhenFull DropOldest; New-RingBuffer -WhenFull DropOldest)
        foreach ($ring in $rings) { 'a', 'b' | Write-RingBuffer $ring }
        $rings | Clear-RingBuffer
        $rings.IsEmpty | Should -Be $true, $true, $true
        $rings[0..1].RecordsRead | Should -Be 2, 2
    }

    It 'says before with -WhatIf what it would do' {
        $ring = New-RingBuffer
        'a' | Write-RingBuffer $ring
        Clear-RingBuffer ring -WhatIf
        $ring.Used | Should -Be 2
    }

    It 'refuses a ring that has been removed' {
        $ring = New-RingBuffer
        Remove-RingBuffer $ring
        Clear-RingBuffer $ring -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Closed,MemTools.Commands.ClearRingBufferCommand'
    }
}
