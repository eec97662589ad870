# What Get-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Get-RingBuffer' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'lists the rings of this process, in the order of their making' {
        Get-RingBuffer | Should -BeNullOrEmpty
        $rings = 1..3 | ForEach-Object { New-RingBuffer }
        (Get-RingBuffer).Name | Should -Be 'ring', 'ring#2', 'ring#3'
        $rings[1].Dispose()
        (Get-RingBuffer).Name | Should -Be 'ring', 'ring#3'
    }

    It 'finds by name, by pattern and from the pipeline' {
        $null = New-RingBuffer; New-RingBuffer
        (Get-RingBuffer ring).Name | Should -Be 'ring'
        (Get-RingBuffer *2).Name | Should -Be 'ring#2'
        ('ring', 'ring#2' | Get-RingBuffer).Count | Should -Be 2
        Get-RingBuffer nothing* | Should -BeNullOrEmpty
        Get-RingBuffer nothing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.GetRingBufferCommand'
    }

    It 'completes names' {
        $null = 1..2 | ForEach-Object { New-RingBuffer }
        (TabExpansion2 'Read-RingBuffer r' -cursorColumn 17).CompletionMatches.CompletionText | Should -Be 'ring', "'ring#2'"
        (TabExpansion2 'Get-RingBuffer r' -cursorColumn 16).CompletionMatches.CompletionText | Should -Be 'ring', "'ring#2'"
    }

    It 'shows how full a ring is, in 80 columns' {
        $ring = New-RingBuffer -Capacity 64KB
        Write-RingBuffer $ring -InputObject ([byte[]]::new(32KB))
        Get-RingBuffer | Out-String -Width 80 | Should -Match 'ring\s+Byte\s+███···\s+32\.0 KiB\s+64\.0 KiB\s+32\.0 KiB\s+0 B\s+0/0'
        Remove-RingBuffer $ring
        $ring | Out-String -Width 80 | Should -Match 'gone'
    }
}
