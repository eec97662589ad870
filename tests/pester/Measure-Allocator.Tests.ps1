# What Measure-Allocator does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $notGlibc = (Get-Process -Id $PID).Modules.FileName -match 'ld-musl' ? 'the break needs glibc' : $null
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $module = Get-ModuleUnderTest
}

Describe 'Measure-Allocator' {
    It 'returns a row for each allocator, size and number of threads, in that order within a size' {
        $rows = Measure-Allocator Malloc, Mmap -Size 16, 5000 -Threads 1, 2 -Count 500 -Repeat 1
        $rows | ForEach-Object { "$($_.Size) $($_.Threads) $($_.Allocator)" } | Should -Be @(
            '16 1 Malloc', '16 1 Mmap', '16 2 Malloc', '16 2 Mmap', '5000 1 Malloc', '5000 1 Mmap', '5000 2 Malloc', '5000 2 Mmap')
        $rows.Status | Select-Object -Unique | Should -Be 'Measured'
        $rows | ForEach-Object { $_.NanosecondsPerOperation | Should -BeGreaterThan 0 }
    }

    It 'takes every allocator where none is named, and says what is not installed' {
        $rows = Measure-Allocator -Count 200 -Repeat 1
        $rows.Allocator | Should -Be ([Enum]::GetNames([MemTools.Experiments.AllocatorKind]))
        foreach ($row in $rows | Where-Object Status -NE 'Measured') {
            $row.Reason | Should -Not -BeNullOrEmpty
            $row.NanosecondsPerOperation | Should -BeNullOrEmpty
        }
        ($rows | Where-Object Allocator -EQ Malloc).Library | Should -Match 'libc|ld-musl'
    }

    It 'counts a page fault for each mapping, and none for an allocator that keeps its memory' {
        $rows = Measure-Allocator Mmap, Malloc -Count 3000 -Repeat 1
        $rows[0].MinorFaults | Should -BeGreaterOrEqual 3000
        $rows[0].MinorFaults | Should -BeLessOrEqual 3020
        $rows[1].MinorFaults | Should -BeLessThan 100
    }

    It 'repeats the classic loop' -Skip:([bool] $notGlibc) {
        $row = Measure-Allocator -Allocator Brk -Size 1024 -Count 0x5fff -Touch None -Repeat 1
        $row.Count | Should -Be 0x5fff
        $row.Status | Should -Be 'Measured'
        if ($null -ne $row.SystemCalls) {
            $row.SystemCalls | Should -BeGreaterOrEqual (2 * 0x5fff)
            $row.SystemCalls | Should -BeLessOrEqual (2 * 0x5fff + 5)
        }
    }

    It 'shows a table that fits into 100 columns, with a bar as long as the time' {
        $rows = Measure-Allocator Mmap, Malloc -Count 500 -Repeat 1
        $lines = ($rows | Format-Table | Out-String -Width 100).Trim() -split "`n"
        $lines[0] | Should -Match 'Allocator +Size +Threads +ns/op +x +Time +Calls +Faults \+B/block +Held'
        # Nearly always Mmap; whichever took longest has the longest bar.
        $slowest = ($rows | Sort-Object NanosecondsPerOperation -Bottom 1).Allocator
        $lines[2], $lines[3] -match "^$slowest .*█{12}" | Should -HaveCount 1
        $lines[2] | Should -Match '^Mmap '
        $lines[3] | Should -Match '^Malloc '
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 100
    }

    It 'shows the status in place of the bar where nothing was measured' {
        $row = Measure-Allocator Brk -Threads 2 -Count 500 -Repeat 1
        $row.Status | Should -Be 'NotPossible'
        $row | Format-Table | Out-String -Width 100 | Should -Match 'Brk .* NotPossible'
    }

    It 'refuses <Name> with <Id>, before it starts anything' -ForEach @(
        @{ Name = 'a size of 0'; Parameters = @{ Size = 0 }; Id = 'Misuse' }
        @{ Name = 'a negative size'; Parameters = @{ Size = -1 }; Id = 'Misuse' }
        @{ Name = 'a count of 0'; Parameters = @{ Count = 0 }; Id = 'Misuse' }
        @{ Name = 'no threads'; Parameters = @{ Threads = 0 }; Id = 'Misuse' }
        @{ Name = 'threads that cannot be paired'; Parameters = @{ Pattern = 'ProducerConsumer'; Threads = 1 }; Id = 'Misuse' }
        @{ Name = 'more than fits into memory'; Parameters = @{ Size = 1TB }; Id = 'OutOfMemory' }
    ) {
        { Measure-Allocator -Allocator Malloc @Parameters } | Should -Throw -ErrorId "$Id,*"
    }

    It 'refuses a size of 2^63' {
        { Measure-Allocator -Allocator Malloc -Size ([math]::Pow(2, 63)) } | Should -Throw
    }

    It 'completes the names of allocators and patterns' {
        $words = { param($Line) (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText }
        & $words 'Measure-Allocator -Allocator Je' | Should -Be 'Jemalloc'
        & $words 'Measure-Allocator -Pattern Pro' | Should -Be 'ProducerConsumer'
    }

    It 'keeps its values through JSON, CSV and a job' {
        $row = Measure-Allocator Malloc -Count 500 -Repeat 1
        $copies = @(
            $row | ConvertTo-Json | ConvertFrom-Json
            $row | ConvertTo-Csv | ConvertFrom-Csv
            [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($row))
        )
        foreach ($copy in $copies) {
            foreach ($name in 'Allocator', 'Size', 'Count', 'MinorFaults', 'HeldBytes', 'Library', 'Reason') {
                "$($copy.$name)" | Should -Be "$($row.$name)"
            }
            [double] $copy.NanosecondsPerOperation | Should -Be $row.NanosecondsPerOperation
        }
    }

    It 'runs in a job' {
        $row = Start-Job { Import-Module $using:module; Measure-Allocator Malloc -Count 500 -Repeat 1 } | Receive-AndRemove
        $row.Status | Should -Be 'Measured'
    }

    It 'leaves no process behind when it is stopped' {
        $shell = Open-Shell 'Measure-Allocator Mmap -Count 1000000000'
        $worker = { Get-Process | Where-Object { $_.Parent.Id -eq $shell.Process.Id } }
        Wait-For { & $worker } 'the worker runs'
        $children = @(& $worker)
        kill -TERM $shell.Process.Id
        (Close-Shell $shell).ExitCode | Should -Be 143
        Wait-For { -not (Get-Process -Id $children.Id -ErrorAction Ignore) } 'the worker is gone'
    }

    It 'shows nothing of its own on the error stream' {
        $end = Invoke-Shell 'Measure-Allocator Malloc, Jemalloc -Count 500 -Repeat 1 | Out-Null'
        $end.Error | Should -BeNullOrEmpty
        $end.Output | Should -BeNullOrEmpty
    }
}
