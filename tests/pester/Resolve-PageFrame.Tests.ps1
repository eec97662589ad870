# What Resolve-PageFrame does, as its users see it. Processes that cannot be looked at: Get-MemoryMap.Tests.ps1.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $notRoot = (id -u) -eq '0' ? (Get-Lack setpriv) : 'needs root'
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $asNobody = @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent')
    $sleeper = Open-Sleeper
    $id = $sleeper.Process.Id
    $page = [Environment]::SystemPageSize
}

AfterAll {
    $sleeper.Process.Kill()
    $sleeper.Process.WaitForExit()
}

Describe 'Resolve-PageFrame' {
    BeforeAll {
        $heap = Get-MemoryMap $id -Kind Heap
    }

    It 'finds as many present pages of the heap as smaps has resident' {
        $frames = Resolve-PageFrame $heap.Start -Id $id -Count ($heap.Size / $page)
        $frames | Should -HaveCount ($heap.Size / $page)
        ($frames | Where-Object IsPresent).Count * $page | Should -Be (Get-MemoryMap $id -Kind Heap -Detailed).ResidentBytes
    }

    It 'takes regions from Get-MemoryMap, with their process' {
        $frame = $heap | Resolve-PageFrame
        $frame.ProcessId | Should -Be $id
        $frame.Address | Should -Be $heap.Start
        $frame.State | Should -BeExactly 'Present'
    }

    It 'takes several addresses, as arguments and from the pipeline' {
        (Resolve-PageFrame $heap.Start, ($heap.Start + $page) -Id $id).PageStart | Should -Be $heap.Start, ($heap.Start + $page)
        ($heap.Start, ('0x{0:x}' -f ($heap.Start + $page)) | Resolve-PageFrame -Id $id).PageStart | Should -Be $heap.Start, ($heap.Start + $page)
    }

    It 'tells a page of a file from one of the process alone' {
        $file = Get-MemoryMap $id -Kind File -Detailed | Where-Object ResidentBytes -GT 0 | Where-Object AnonymousBytes -EQ 0 | Select-Object -First 1
        ($file | Resolve-PageFrame -Count ($file.Size / $page) | Where-Object IsPresent)[0].IsFileOrShared | Should -BeTrue
        ($heap | Resolve-PageFrame).IsFileOrShared | Should -BeFalse
    }

    It 'goes on after an address that is not mapped: <Address>' -ForEach @(
        @{ Address = 0 }, @{ Address = '0x8000000000000000' }, @{ Address = 0xffffffffffffffff }, @{ Address = 0xdead000000000000 }
    ) {
        $found = Resolve-PageFrame $Address, $heap.Start -Id $id -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.PageStart | Should -Be $heap.Start
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
    }

    It 'stops at the end of what is mapped, after the pages before it' {
        $last = $heap.End - $page
        $found = Resolve-PageFrame $last -Id $id -Count 3 -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.PageStart | Should -Be $last
        $failed | Should -HaveCount 1
    }

    It 'fails for a process that is not there' {
        Resolve-PageFrame 0x1000 -Id 2147483647 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
    }

    It 'gives without privilege what it may, and says what is hidden' -Skip:([bool] $notRoot) {
        $end = Invoke-Shell 'Get-MemoryMap -Kind Stack | ForEach-Object { Resolve-PageFrame ($_.End - 8) } | ConvertTo-Json' -Before $asNobody
        $frame = $end.Output | ConvertFrom-Json
        $frame.IsPresent | Should -BeTrue
        $frame.IsFileOrShared | Should -BeFalse
        $frame.Frame, $frame.PhysicalAddress, $frame.Flags, $frame.MapCount, $frame.IsHuge | Where-Object { $null -ne $_ } | Should -BeNullOrEmpty
        $frame.Hidden | Should -BeLike '*CAP_SYS_ADMIN*'
    }

    It 'survives JSON, CSV and Start-Job' {
        $module = Get-ModuleUnderTest
        $frame = $heap | Resolve-PageFrame
        $job = Start-Job { Import-Module $using:module; Resolve-PageFrame $using:heap.Start -Id $using:id } | Receive-AndRemove
        foreach ($back in ($frame | ConvertTo-Json | ConvertFrom-Json), ($frame | ConvertTo-Csv | ConvertFrom-Csv), $job) {
            [ulong] $back.PageStart | Should -Be $frame.PageStart
            $back.State | Should -BeExactly 'Present'
            "$($back.Frame)" | Should -BeExactly "$($frame.Frame)"
        }
    }

    It 'shows as a table' {
        $heap | Resolve-PageFrame | Out-String -Width 120 | Should -Match 'Address\s+State\s+Frame\s+Mapped\s+Huge\s+Shared\s+Flags'
    }
}
