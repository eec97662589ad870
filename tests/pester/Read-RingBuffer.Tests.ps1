# What Read-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $import = [scriptblock]::Create("Import-Module '$(Get-ModuleUnderTest)'")
}

Describe 'Read-RingBuffer' {
    BeforeEach {
        $ring = New-RingBuffer -Capacity 1
    }

    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'gives all there is in one array, and nothing where there is nothing' {
        Read-RingBuffer $ring | Should -BeNullOrEmpty
        Read-RingBuffer $ring -Line | Should -BeNullOrEmpty
        Write-RingBuffer $ring -InputObject ([byte[]](1, 2, 3))
        $got = Read-RingBuffer $ring
        , $got | Should -BeOfType byte[]
        $got | Should -Be 1, 2, 3
        $ring.TotalRead | Should -Be 3
    }

    It 'gives so many bytes at most with -Count' {
        Write-RingBuffer $ring -InputObject ([byte[]](1..5))
        (Read-RingBuffer $ring -Count 2) | Should -Be 1, 2
        (Read-RingBuffer $ring 99) | Should -Be 3, 4, 5
    }

    It 'takes the ring by name and from the pipeline' {
        'x' | Write-RingBuffer $ring
        $ring | Read-RingBuffer -AsString | Should -BeExactly "x`n"
        'y' | Write-RingBuffer $ring
        Read-RingBuffer ring -AsString | Should -BeExactly "y`n"
    }

    It 'leaves with -Peek what it reads' {
        'one', 'two' | Write-RingBuffer $ring
        Read-RingBuffer $ring -Peek -Line | Should -Be 'one', 'two'
        Read-RingBuffer $ring -Peek -Line -Count 1 | Should -Be 'one'
        Read-RingBuffer $ring -Peek -AsString | Should -BeExactly "one`ntwo`n"
        $ring.Used | Should -Be 8
        { Read-RingBuffer $ring -Peek -Wait -ErrorAction Stop } | Should -Throw '*for ever*'
    }

    It 'gives lines without their ends, and the last one without an end when the ring is completed' {
        Write-RingBuffer $ring "a`r`nb`n`nrest" -NoNewline
        Read-RingBuffer $ring -Line | Should -Be 'a', 'b', ''
        Read-RingBuffer $ring -Line | Should -BeNullOrEmpty
        Complete-RingBuffer $ring
        Read-RingBuffer $ring -Peek -Line | Should -Be 'rest'
        Read-RingBuffer $ring -Line | Should -Be 'rest'
        $ring.IsEmpty | Should -BeTrue
    }

    It 'leaves in the ring what a later command did not want' {
        1..9 | ForEach-Object { "line $_" } | Write-RingBuffer $ring
        Read-RingBuffer $ring -Line | Select-Object -First 2 | Should -Be 'line 1', 'line 2'
        Read-RingBuffer $ring -Line -Count 1 | Should -Be 'line 3'
    }

    It 'cuts text between characters' {
        Write-RingBuffer $ring 'aäb' -NoNewline
        Read-RingBuffer $ring 2 -AsString | Should -BeExactly 'a'
        Read-RingBuffer $ring 3 -AsString | Should -BeExactly 'äb'
        Write-RingBuffer $ring '𝄞' -NoNewline -Encoding unicode
        Read-RingBuffer $ring -AsString -Encoding unicode | Should -BeExactly '𝄞'
        Write-RingBuffer $ring -InputObject ([byte[]](0xC3))
        Read-RingBuffer $ring -AsString | Should -BeNullOrEmpty
        Complete-RingBuffer $ring
        Read-RingBuffer $ring -AsString | Should -BeExactly ([string][char]0xFFFD)
    }

    It 'reads records whole' {
        $records = New-RingBuffer -Record
        'one', 'two', 'three' | Write-RingBuffer $records
        Read-RingBuffer $records -Peek -AsString | Should -Be 'one'
        Read-RingBuffer $records -Record -AsString -Count 2 | Should -Be 'one', 'two'
        [Text.Encoding]::UTF8.GetString((Read-RingBuffer $records)) | Should -BeExactly 'three'
        { Read-RingBuffer $records -Line -ErrorAction Stop } | Should -Throw '*keeps records, and no lines*'
        { Read-RingBuffer $ring -Record -ErrorAction Stop } | Should -Throw '*keeps no records*'
    }

    It 'gives what is there when it waited in vain, without an error' {
        Read-RingBuffer $ring -TimeoutSec 0.05 -ErrorAction Stop | Should -BeNullOrEmpty
        $ring.ReadStalls | Should -Be 1
        Write-RingBuffer $ring -InputObject ([byte[]](1, 2))
        (Read-RingBuffer $ring -Count 3 -TimeoutSec 0.05) | Should -Be 1, 2
        Read-RingBuffer $ring -Wait -TimeoutSec 0.05 | Should -BeNullOrEmpty
        { Read-RingBuffer $ring -Count 1MB -Wait -ErrorAction Stop } | Should -Throw '*never has 1048576 bytes at once*'
    }

    It 'follows with -Wait until the ring is completed' {
        $writer = Start-ThreadJob -InitializationScript $import {
            foreach ($i in 1..2000) { Write-RingBuffer $using:ring "line $i" }
            Complete-RingBuffer $using:ring
        }
        $lines = Read-RingBuffer $ring -Line -Wait
        $lines.Count | Should -Be 2000
        $lines[0, 999, -1] | Should -Be 'line 1', 'line 1000', 'line 2000'
        $writer | Receive-AndRemove -ErrorAction Stop
    }

    It 'puts a line together that is longer than the ring' {
        $text = 'x' * 20000
        $writer = Start-ThreadJob -InitializationScript $import { Write-RingBuffer $using:ring $using:text; Complete-RingBuffer $using:ring }
        $lines = @(Read-RingBuffer $ring -Line -Wait)
        $writer | Receive-AndRemove
        $lines | Should -HaveCount 1
        $lines[0] -ceq $text | Should -BeTrue
    }

    It 'says that such a line is no line yet, and keeps what it has of it' {
        Write-RingBuffer $ring ('x' * 20000) -TimeoutSec 0 -ErrorAction SilentlyContinue
        { Read-RingBuffer $ring -Line -ErrorAction Stop } | Should -Throw '*full of a line that has no end yet*'
        $ring.IsFull | Should -BeTrue
        Read-RingBuffer $ring -Line -TimeoutSec 0.05 -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeExactly 'TimedOut,MemTools.Commands.ReadRingBufferCommand'
        $failed[0].TargetObject.Length | Should -Be $ring.Capacity
    }

    It 'gives objects as they were, one or all, and waits for the next' {
        $objects = New-RingBuffer -Kind Object
        1..5 | Write-RingBuffer $objects
        Read-RingBuffer $objects -Peek | Should -Be 1
        Read-RingBuffer $objects -Count 2 | Should -Be 1, 2
        Read-RingBuffer $objects | Select-Object -First 1 | Should -Be 3
        Read-RingBuffer $objects -TimeoutSec 300 | Should -Be 4, 5
        Read-RingBuffer $objects -TimeoutSec 0.05 -ErrorAction Stop | Should -BeNullOrEmpty
        Read-RingBuffer $objects -Peek -TimeoutSec 0.05 -ErrorAction Stop | Should -BeNullOrEmpty
        { Read-RingBuffer $objects -Line -ErrorAction Stop } | Should -Throw '*holds objects*'
        { Read-RingBuffer $objects -AsString -ErrorAction Stop } | Should -Throw '*holds objects*'
    }

    It 'writes what is there to a new file, and no further' {
        $null = Write-RingBuffer $ring 'one'
        $result = Read-RingBuffer $ring -ToPath "$TestDrive/new"
        $result.BytesTransferred, $result.Status | Should -Be 4, 'Emptied'
        Get-Content "$TestDrive/new" | Should -Be 'one'
        'two' | Write-RingBuffer $ring
        Read-RingBuffer $ring -ToPath "$TestDrive/new" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'AlreadyExists,MemTools.Commands.ReadRingBufferCommand'
        $ring.Used | Should -Be 4
        $null = Read-RingBuffer $ring -ToPath "$TestDrive/new" -Append
        Get-Content "$TestDrive/new" | Should -Be 'one', 'two'
        'three' | Write-RingBuffer $ring
        (Read-RingBuffer $ring -ToPath "$TestDrive/new" -Force -Count 3).Status | Should -Be 'CountReached'
        Get-Content "$TestDrive/new" | Should -Be 'thr'
        { Read-RingBuffer $ring -ToPath "$TestDrive/new" -Force -Append -ErrorAction Stop } | Should -Throw '*choose one*'
    }

    It 'says what was written where a file takes no more, and keeps the rest' {
        'abc' | Write-RingBuffer $ring
        Read-RingBuffer $ring -ToPath /dev/full -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NoSpace,MemTools.Commands.ReadRingBufferCommand'
        $failed.Exception.Message | Should -BeLike "*ENOSPC*. 0 bytes had been written to '/dev/full'; what follows them is still in 'ring'."
        Read-RingBuffer $ring -Line | Should -Be 'abc'
    }

    It 'follows into a FIFO that somebody opens later' {
        mkfifo "$TestDrive/fifo"
        $reader = Start-ThreadJob { Start-Sleep -Milliseconds 200; cat "$using:TestDrive/fifo" }
        'through the pipe' | Write-RingBuffer $ring
        Complete-RingBuffer $ring
        (Read-RingBuffer $ring -ToPath "$TestDrive/fifo" -Wait).Status | Should -Be 'EndOfData'
        $reader | Receive-AndRemove | Should -Be 'through the pipe'
    }

    It 'writes to a stream where it stands' {
        'abc' | Write-RingBuffer $ring
        $file = [IO.File]::Create("$TestDrive/stream")
        $file.WriteByte(65)
        (Read-RingBuffer $ring -ToHandle $file).BytesTransferred | Should -Be 4
        $file.WriteByte(66)
        $file.Dispose()
        [IO.File]::ReadAllText("$TestDrive/stream") | Should -BeExactly "Aabc`nB"
        $objects = New-RingBuffer -Kind Object
        { Read-RingBuffer $objects -ToPath "$TestDrive/objects" -ErrorAction Stop } | Should -Throw '*holds objects, and files*'
    }

    It 'refuses a ring that has been removed' {
        Remove-RingBuffer $ring
        Read-RingBuffer $ring -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Closed,MemTools.Commands.ReadRingBufferCommand'
    }

    It 'stops within a moment while it waits, for SIGTERM' {
        $mark = Join-Path $TestDrive ([guid]::NewGuid())
        $shell = Open-Shell "`$r = New-RingBuffer 1; [IO.File]::WriteAllText('$mark', ''); Read-RingBuffer `$r -Wait; 'went on'" -Before 'env', '--default-signal=INT,TERM'
        Wait-For { Test-Path $mark } 'the ring is there'
        kill -TERM $shell.Process.Id
        (Close-Shell $shell).Output | Should -Not -Match 'went on'
    }

    It 'refuses -Encoding where no text is asked for' {
        $ring = New-RingBuffer
        'ä' | Write-RingBuffer $ring -Encoding latin1 -NoNewline
        { Read-RingBuffer $ring -Encoding latin1 } | Should -Throw -ErrorId 'Misuse,MemTools.Commands.ReadRingBufferCommand'
        Read-RingBuffer $ring -Encoding latin1 -AsString | Should -BeExactly 'ä'
    }
}
