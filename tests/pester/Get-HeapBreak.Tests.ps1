# What Get-HeapBreak does, as its users see it. Processes that cannot be looked at: Get-MemoryMap.Tests.ps1.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noSetarch = Get-Lack setarch
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $sleeper = Open-Sleeper
    $id = $sleeper.Process.Id
}

AfterAll {
    $sleeper.Process.Kill()
    $sleeper.Process.WaitForExit()
}

Describe 'Get-HeapBreak' {
    It 'asks sbrk(0) for the shell itself' {
        $own = Get-HeapBreak
        $own.ProcessId | Should -Be $PID
        $own.BreakSource | Should -BeExactly 'sbrk(0)'
        $own.ProgramBreak | Should -BeGreaterOrEqual $own.HeapStart
        $own.HeapSize | Should -Be ($own.ProgramBreak - $own.HeapStart)
    }

    It 'takes the heap of another process from its map' {
        $heap = Get-MemoryMap $id -Kind Heap
        $found = Get-Process -Id $id | Get-HeapBreak
        $found.BreakSource | Should -BeExactly '/proc/PID/maps'
        $found.ProgramBreak | Should -Be $heap.End
        $found.HeapStart | Should -Be $heap.Start
        $found.HeapResidentBytes | Should -Be (Get-MemoryMap $id -Kind Heap -Detailed).ResidentBytes
    }

    It 'takes data and stack from the fields of the kernel' {
        $fields = (Get-Content "/proc/$id/stat") -replace '^.*\) ' -split ' '
        $found = Get-HeapBreak -Id $id
        $found.StackStart | Should -Be $fields[28 - 3]
        $found.DataStart, $found.DataEnd, $found.HeapStart | Should -Be $fields[(45 - 3)..(47 - 3)]
    }

    It 'sees the heap right behind bss where nothing is random' -Skip:([bool] $noSetarch) {
        $plain = Open-Sleeper 'setarch', '-R'
        try {
            $found = Get-HeapBreak $plain.Process.Id
            $found.Randomization | Should -BeExactly 'Off'
            $found.NoRandomize | Should -BeTrue
            $found.HeapGap | Should -BeLessThan ([Environment]::SystemPageSize)
        }
        finally {
            $plain.Process.Kill()
        }
    }

    It 'is another start of the heap in every process where addresses are random' -Skip:((Get-Content /proc/sys/kernel/randomize_va_space) -ne '2') {
        $second = Open-Sleeper
        try {
            (Get-HeapBreak $second.Process.Id).HeapGap | Should -Not -Be (Get-HeapBreak $id).HeapGap
        }
        finally {
            $second.Process.Kill()
        }
    }

    It 'fails for each process on its own' {
        $found = Get-HeapBreak -Id 2147483647, $id -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.ProcessId | Should -Be $id
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
    }

    It 'survives JSON, CSV and Start-Job' {
        $found = Get-HeapBreak $id
        $module = Get-ModuleUnderTest
        $job = Start-Job { Import-Module $using:module; Get-HeapBreak $using:id } | Receive-AndRemove
        foreach ($back in ($found | ConvertTo-Json | ConvertFrom-Json), ($found | ConvertTo-Csv | ConvertFrom-Csv), $job) {
            [ulong] $back.ProgramBreak | Should -Be $found.ProgramBreak
            [long] $back.HeapGap | Should -Be $found.HeapGap
            $back.Randomization | Should -BeExactly $found.Randomization
        }
        $job.HeapStart | Should -BeOfType ulong
    }

    It 'shows as a table, 80 columns wide' {
        Get-HeapBreak $id | Out-String -Width 80 | Should -Match 'Id\s+Name\s+HeapStart\s+Break\s+Size\s+Resident\s+Gap'
        Get-HeapBreak $id | Format-List | Out-String | Should -Match ('HeapStart\s+: {0:x}' -f (Get-HeapBreak $id).HeapStart)
    }
}
