# What Complete-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $import = [scriptblock]::Create("Import-Module '$(Get-ModuleUnderTest)'")
}

Describe 'Complete-RingBuffer' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'lets readers drain the ring, and then stop' {
        $ring = New-RingBuffer
        'a', 'b' | Write-RingBuffer $ring
        Complete-RingBuffer $ring
        $ring.IsCompleted | Should -BeTrue
        Read-RingBuffer $ring -Line -Wait | Should -Be 'a', 'b'
        Read-RingBuffer $ring -Wait | Should -BeNullOrEmpty
    }

    It 'wakes a reader that waits' {
        $ring = New-RingBuffer
        $reader = Start-ThreadJob -InitializationScript $import { Read-RingBuffer $using:ring -Wait; 'ended' }
        Wait-For { $ring.ReadStalls -gt 0 } 'the reader waits'
        $ring | Complete-RingBuffer
        $reader | Receive-AndRemove | Should -Be 'ended'
    }

    It 'takes several, names, and what is completed already' {
        $null = 1..2 | ForEach-Object { New-RingBuffer }
        Complete-RingBuffer ring, 'ring#2'
        Get-RingBuffer | Complete-RingBuffer -ErrorAction Stop
        (Get-RingBuffer).IsCompleted | Should -Be $true, $true
    }

    It 'refuses a ring that has been removed' {
        $ring = New-RingBuffer
        Remove-RingBuffer $ring
        Complete-RingBuffer $ring -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Closed,MemTools.Commands.CompleteRingBufferCommand'
    }
}
