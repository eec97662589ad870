# What Get-MemoryMap does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $notRoot = (id -u) -eq '0' ? (Get-Lack setpriv) : 'needs root, whose memory another user may not see'
    $noThread = (Test-Path /proc/2/stat) -and (Get-Content /proc/2/stat) -match '^2 \(kthreadd\)' ? $null : 'no threads of the kernel here'
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $asNobody = @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent')
    $sleeper = Open-Sleeper
    $id = $sleeper.Process.Id
}

AfterAll {
    $sleeper.Process.Kill()
    $sleeper.Process.WaitForExit()
}

Describe 'Get-MemoryMap' {
    Context 'processes' {
        It 'shows the shell itself where nothing is said' {
            (Get-MemoryMap).ProcessId | Select-Object -Unique | Should -Be $PID
        }

        It 'takes a process by its id, with one region for each line of its map' {
            $expected = Get-Content "/proc/$id/maps" | ForEach-Object { ($_ -split '-')[0] }
            (Get-MemoryMap -Id $id | ForEach-Object { '{0:x8}' -f $_.Start }) | Should -Be $expected
        }

        It 'takes it <How>' -ForEach @(
            @{ How = 'from Get-Process'; Map = { param($id) Get-Process -Id $id | Get-MemoryMap } }
            @{ How = 'as a number from the pipeline'; Map = { param($id) $id | Get-MemoryMap } }
            @{ How = 'as text from the pipeline'; Map = { param($id) "$id" | Get-MemoryMap } }
            @{ How = 'from an object with the property ProcessId'; Map = { param($id) [pscustomobject]@{ ProcessId = $id } | Get-MemoryMap } }
            @{ How = 'by its name'; Map = { param($id) Get-MemoryMap -Name sleep | Where-Object ProcessId -EQ $id } }
            @{ How = 'by a wildcard'; Map = { param($id) Get-MemoryMap -Name 'slee[p]' | Where-Object ProcessId -EQ $id } }
        ) {
            (& $Map $id).ProcessId | Select-Object -Unique | Should -Be $id
        }

        It 'goes on after a process that is not there' {
            $found = Get-MemoryMap -Id 2147483647, $id -ErrorVariable failed -ErrorAction SilentlyContinue
            $found.ProcessId | Select-Object -Unique | Should -Be $id
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
            $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $failed[0].TargetObject | Should -Be 2147483647
        }

        It 'says that no process has a name' {
            Get-MemoryMap -Name no-such-process -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
        }

        It 'says that a thread of the kernel has no memory' -Skip:([bool] $noThread) {
            Get-MemoryMap 2 -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'NoUserMemory,*'
        }

        It 'says that another user may not see it: <Command>' -Skip:([bool] $notRoot) -ForEach @(
            @{ Command = 'Get-MemoryMap' }, @{ Command = 'Get-MemoryMap -Detailed' }, @{ Command = 'Get-MemoryMap -Summary' }
            @{ Command = 'Get-HeapBreak' }, @{ Command = 'Resolve-PageFrame 0x1000' }
        ) {
            $end = Invoke-Shell "$Command -Id $id -ErrorVariable e -ErrorAction SilentlyContinue; `$e[0].FullyQualifiedErrorId; `$e[0].Exception.Message" -Before $asNobody
            $end.Output | Should -Match '^PermissionDenied,'
            $end.Output | Should -Match "$id \(sleep\)"
        }

        It 'completes ids and names' {
            (TabExpansion2 "Get-MemoryMap -Id $id").CompletionMatches.CompletionText | Should -Contain "$id"
            (TabExpansion2 'Get-MemoryMap -Name slee').CompletionMatches.CompletionText | Should -Contain 'sleep'
        }
    }

    Context 'what is picked' {
        BeforeAll {
            $heap = Get-MemoryMap $id -Kind Heap
        }

        It 'picks regions by their kinds' {
            (Get-MemoryMap $id -Kind Stack, Vdso).Kind | Sort-Object -Unique | Should -Be 'Stack', 'Vdso'
            $heap.Name | Should -BeExactly '[heap]'
        }

        It 'finds the region of an address, written as <How>' -ForEach @(
            @{ How = 'a number'; Write = { param($at) $at } }
            @{ How = 'hexadecimal text'; Write = { param($at) '0x{0:x}' -f $at } }
            @{ How = 'decimal text'; Write = { param($at) "$at" } }
            @{ How = 'an IntPtr'; Write = { param($at) [IntPtr] [long] $at } }
            @{ How = 'a UIntPtr'; Write = { param($at) [UIntPtr] $at } }
            @{ How = 'a decimal'; Write = { param($at) [decimal] $at } }
        ) {
            (Get-MemoryMap $id -Address (& $Write ($heap.Start + 5))).Start | Should -Be $heap.Start
        }

        It 'takes literals that PowerShell reads as negative' {
            0xffffffffff600000 | Should -BeLessThan 0
            Get-MemoryMap $id -Address 0xffffffffff600000 -ErrorVariable wide -ErrorAction SilentlyContinue |
                ForEach-Object Name | Should -BeIn '[vsyscall]', $null
            Get-MemoryMap $id -Address 0xfffff000 -ErrorVariable narrow -ErrorAction SilentlyContinue
            $narrow[0].Exception.Message | Should -BeLike '*at 0xfffff000 in*'
        }

        It 'says that nothing is mapped at <Address>, and names the neighbours' -ForEach @(
            @{ Address = 0 }, @{ Address = 9223372036854775808 }, @{ Address = '0xdead000000000000' }
        ) {
            Get-MemoryMap $id -Address $Address -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
            $failed[0].Exception.Message | Should -BeLike '*nearest region*'
        }

        It 'refuses what is no address: <Written>' -ForEach @(
            @{ Written = 'heap' }, @{ Written = '-1' }, @{ Written = 1.5 }, @{ Written = 18446744073709551616 }, @{ Written = '0x1ffffffffffffffff' }
        ) {
            { Get-MemoryMap $id -Address $Written } | Should -Throw '*is not an address*'
        }

        It 'refuses what contradicts itself: <Words>' -ForEach @(
            @{ Words = @{ Summary = $true; Detailed = $true } }, @{ Words = @{ Summary = $true; Address = 1 } }, @{ Words = @{ Kind = 'Heap'; Address = 1 } }
        ) {
            { Get-MemoryMap $id @Words } | Should -Throw -ErrorId 'Misuse,*'
        }
    }

    Context 'results' {
        It 'tells with -Detailed what the kernel tells of each region' {
            $stack = Get-MemoryMap $id -Detailed -Kind Stack
            $lines = (Get-Content "/proc/$id/smaps") -join "`n"
            $lines -match '(?s)\[stack\].*?\nRss:\s+(\d+) kB' | Should -BeTrue
            $stack.ResidentBytes | Should -Be ([long] $Matches[1] * 1024)
            $stack.VmFlags | Should -Match '\brd wr\b'
        }

        It 'adds up with -Summary, and the total is the kernel''s own' {
            $totals = Get-MemoryMap $id -Summary
            $totals[-1].Kind | Should -BeExactly 'Total'
            $totals[-1].Regions | Should -Be (Get-Content "/proc/$id/maps").Count
            (Get-Content "/proc/$id/smaps_rollup") -match '^Rss:' -replace '\D' | Should -Be ($totals[-1].ResidentBytes / 1024)
            (Get-MemoryMap $id -Summary -Kind Heap).Kind | Should -BeExactly 'Heap'
        }

        It 'survives JSON and CSV' {
            $region = Get-MemoryMap $id -Detailed -Kind Heap
            foreach ($back in ($region | ConvertTo-Json | ConvertFrom-Json), ($region | ConvertTo-Csv | ConvertFrom-Csv)) {
                [ulong] $back.Start | Should -Be $region.Start
                [long] $back.ResidentBytes | Should -Be $region.ResidentBytes
                $back.VmFlags | Should -BeExactly $region.VmFlags
                $back.Kind | Should -BeExactly 'Heap'
            }
        }

        It 'survives Start-Job, with its values and its table' {
            $module = Get-ModuleUnderTest
            $back = Start-Job { Import-Module $using:module; Get-MemoryMap $using:id -Detailed -Kind Heap } | Receive-AndRemove
            $back.Start | Should -BeOfType ulong
            $back.Start | Should -Be (Get-MemoryMap $id -Kind Heap).Start
            $back.ResidentBytes | Should -BeOfType long
            $back | Out-String -Width 200 | Should -Match 'Start\s+Perm\s+Size\s+Rss\s+Pss\s+Dirty\s+Swap\s+Name'
        }

        It 'shows as a table of addresses in hexadecimal, 80 columns wide' {
            $text = Get-MemoryMap $id -Kind Heap | Out-String -Width 80
            $text | Should -Match 'Start\s+End\s+Perm\s+Size\s+Kind\s+Name'
            $text | Should -Match ('{0:x}\s+[0-9a-f]+ rw-p\s+\S+ KiB Heap\s+\[heap\]' -f (Get-MemoryMap $id -Kind Heap).Start)
        }
    }
}
