# What Write-RingBuffer does, as its users see it.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Write-RingBuffer' {
    BeforeEach {
        $ring = New-RingBuffer -Capacity 64KB
    }

    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'writes byte arrays as they are and text with a newline, in UTF-8 without a mark' {
        Write-RingBuffer $ring -InputObject ([byte[]](0, 255))
        'a', 'ä' | Write-RingBuffer $ring
        (Read-RingBuffer $ring) | Should -Be 0, 255, 97, 10, 0xC3, 0xA4, 10
    }

    It 'leaves the newline out with -NoNewline, and takes encodings' {
        Write-RingBuffer $ring 'a' -NoNewline
        Write-RingBuffer $ring 'b' -Encoding unicode
        Write-RingBuffer $ring ([char] 'c') -NoNewline -Encoding ascii
        (Read-RingBuffer $ring) | Should -Be 97, 98, 0, 10, 0, 99
    }

    It 'gathers single bytes, in order with other values' {
        & { [byte] 1; [byte] 2; 'x'; [byte] 3 } | Write-RingBuffer $ring
        (Read-RingBuffer $ring) | Should -Be 1, 2, 120, 10, 3
        $many = [byte[]]::new(70000)
        [Random]::new(1).NextBytes($many)
        $large = New-RingBuffer -Capacity 128KB
        $many | Write-RingBuffer $large
        [Linq.Enumerable]::SequenceEqual([byte[]] (Read-RingBuffer $large), $many) | Should -BeTrue
    }

    It 'reads a stream to its end' {
        $bytes = [byte[]](1..100)
        [IO.MemoryStream]::new($bytes), 'end' | Write-RingBuffer $ring
        (Read-RingBuffer $ring -Count 100) | Should -Be $bytes
        Read-RingBuffer $ring -AsString | Should -BeExactly "end`n"
    }

    It 'makes one record of each value, without newlines' {
        $records = New-RingBuffer -Record
        & { 'one'; [byte] 1; [byte] 2; , [byte[]](3, 4); [IO.MemoryStream]::new([byte[]](5, 6)); '' } | Write-RingBuffer $records
        $records.RecordsWritten | Should -Be 5
        $got = @(Read-RingBuffer $records)
        [Text.Encoding]::UTF8.GetString($got[0]) | Should -BeExactly 'one'
        $got[1..3] | ForEach-Object { $_ -join ' ' } | Should -Be '1 2', '3 4', '5 6'
        $got[4].Length | Should -Be 0
    }

    It 'takes the ring by name, and never from the pipeline' {
        'x' | Write-RingBuffer ring
        $ring.Used | Should -Be 2
        { 'x' | Write-RingBuffer nothing } | Should -Throw "*holds no ring 'nothing'*"
        (Get-Command Write-RingBuffer).Parameters['RingBuffer'].Attributes.ValueFromPipeline | Should -Not -Contain $true
    }

    It 'says of each value that failed what was not written' {
        $small = New-RingBuffer -Capacity 1 -WhenFull Error
        $most = 'x' * ($small.Capacity - 1)
        $most, 'a', 'b' | Write-RingBuffer $small -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be (@('Full,MemTools.Commands.WriteRingBufferCommand') * 2)
        $failed.CategoryInfo.Category | Should -Be 'ResourceUnavailable', 'ResourceUnavailable'
        $failed.TargetObject | Should -Be 'a', 'b'
        [byte[]](1, 2, 3) | Write-RingBuffer $small -ErrorVariable failed -ErrorAction SilentlyContinue
        , $failed[0].TargetObject | Should -BeOfType byte[]
        $failed[0].TargetObject | Should -Be 1, 2, 3
    }

    It 'keeps the rest of a value that was written in part when time ran out' {
        $text = 'x' * 100KB + 'end'
        Write-RingBuffer $ring $text -TimeoutSec 0.1 -NoNewline -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'TimedOut,MemTools.Commands.WriteRingBufferCommand'
        $written = [Text.Encoding]::UTF8.GetString((Read-RingBuffer $ring))
        $written + [Text.Encoding]::UTF8.GetString($failed[0].TargetObject) | Should -BeExactly $text
    }

    It 'fails with <Kind> after <Name>' -ForEach @(
        @{ Name = 'Complete-RingBuffer'; Kind = 'Completed'; End = { Complete-RingBuffer $args[0] } }
        @{ Name = 'Remove-RingBuffer'; Kind = 'Closed'; End = { Remove-RingBuffer $args[0] } }
    ) {
        & $End $ring
        Write-RingBuffer $ring 'x' -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly "$Kind,MemTools.Commands.WriteRingBufferCommand"
        $failed.TargetObject | Should -BeExactly 'x'
    }

    It 'refuses what has no bytes, and says what would work' {
        1, $null | Write-RingBuffer $ring -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Exception.Message | Should -BeLike '*and not *Convert it*-Kind Object.'
        $failed.FullyQualifiedErrorId | Should -Be (@('Misuse,MemTools.Commands.WriteRingBufferCommand') * 2)
        $ring.IsEmpty | Should -BeTrue
    }

    It 'refuses a record that can never fit' {
        $records = New-RingBuffer -Record -Capacity 1
        Write-RingBuffer $records ('x' * $records.Capacity) -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'RecordTooLarge,MemTools.Commands.WriteRingBufferCommand'
        [IO.MemoryStream]::new([byte[]]::new(1MB)) | Write-RingBuffer $records -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'RecordTooLarge,MemTools.Commands.WriteRingBufferCommand'
    }

    It 'puts anything into an object ring, as it is' {
        $objects = New-RingBuffer -Kind Object -Capacity 8
        $file = Get-Item /proc/self/status
        & { 1; 'x'; $null; $file } | Write-RingBuffer $objects
        Write-RingBuffer $objects -InputObject @(1, 2)
        $got = @(Read-RingBuffer $objects)
        $got.Count | Should -Be 5
        $got[0..2] | Should -Be 1, 'x', $null
        $got[3].PSPath | Should -BeExactly $file.PSPath
        , $got[4] | Should -BeOfType object[]
        { Write-RingBuffer $objects 1 -NoNewline } | Should -Throw '*keeps text as it is*'
    }

    It 'keeps what was added to a number or a text, and else the number or text without PowerShell''s wrapper' {
        $objects = New-RingBuffer -Kind Object -Capacity 8
        $named = 6
        $named.PSTypeNames.Insert(0, 'My.Six')
        @(
            5 | Add-Member -NotePropertyName Tag -NotePropertyValue five -PassThru
            $named
            'text' | Add-Member -NotePropertyName Tag -NotePropertyValue text -PassThru
            7
            'bare'
        ) | Write-RingBuffer $objects
        $read = Read-RingBuffer $objects -Count 3
        $read.Tag | Should -Be five, text
        $read[1].PSTypeNames[0] | Should -Be 'My.Six'
        $read[0] + $read[1] | Should -Be 11
        Read-RingBuffer $objects -Count 2 | Should -Be 7, 'bare'
        $before = [GC]::GetTotalMemory($true)
        $many = New-RingBuffer -Kind Object -Capacity 65536
        1..65536 | Write-RingBuffer $many
        # A wrapper takes 150 bytes beside the number's 24 and the place's 8.
        ([GC]::GetTotalMemory($true) - $before) / 65536 | Should -BeLessThan 100
        $many.Used | Should -Be 65536
    }

    It 'does with a full object ring what it was made for' {
        $refusing = New-RingBuffer -Kind Object -Capacity 2 -WhenFull Error
        1..3 | Write-RingBuffer $refusing -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'Full,MemTools.Commands.WriteRingBufferCommand'
        $failed.TargetObject | Should -Be 3
        $dropping = New-RingBuffer -Kind Object -Capacity 2 -WhenFull DropOldest
        1..5 | Write-RingBuffer $dropping
        Read-RingBuffer $dropping | Should -Be 4, 5
        $dropping.Dropped | Should -Be 3
        $waiting = New-RingBuffer -Kind Object -Capacity 2
        1..3 | Write-RingBuffer $waiting -TimeoutSec 0.05 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'TimedOut,MemTools.Commands.WriteRingBufferCommand'
        $failed.TargetObject | Should -Be 3
    }

    It 'reads a file into the ring, and says what that took' {
        [IO.File]::WriteAllText("$TestDrive/input", 'x' * 10000)
        $result = Write-RingBuffer $ring -FromPath "$TestDrive/input"
        $result.BytesTransferred, $result.Status, $result.Name, $result.Records | Should -Be 10000, 'EndOfData', 'ring', $null
        $result.SystemCalls | Should -BeGreaterThan 0
        $ring.Used | Should -Be 10000
        (Write-RingBuffer $ring -FromPath "$TestDrive/input" -Count 10).Status | Should -Be 'CountReached'
        Write-RingBuffer $ring -FromPath "$TestDrive/missing" -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.WriteRingBufferCommand'
    }

    It 'goes on with a stream where it stands, and leaves it where it got to' {
        [IO.File]::WriteAllBytes("$TestDrive/bytes", [byte[]](0..99))
        $file = [IO.File]::OpenRead("$TestDrive/bytes")
        $null = $file.ReadByte()
        $null = Write-RingBuffer $ring -FromHandle $file -Count 10
        (Read-RingBuffer $ring) | Should -Be (1..10)
        $file.ReadByte() | Should -Be 11
        $null = Write-RingBuffer $ring -FromHandle $file.SafeFileHandle -Count 1
        $file.Dispose()
        $ring.Used | Should -Be 1
    }

    It 'takes each datagram of a socket for a record' {
        $records = New-RingBuffer -Record
        $receiver = [Net.Sockets.UdpClient]::new([Net.IPEndPoint]::new([Net.IPAddress]::Loopback, 0))
        $sender = [Net.Sockets.UdpClient]::new()
        $sender.Connect($receiver.Client.LocalEndPoint)
        foreach ($text in 'one', 'three') { $null = $sender.Send([Text.Encoding]::ASCII.GetBytes($text)) }
        $result = Write-RingBuffer $records -FromHandle $receiver -TimeoutSec 1
        $result.Records, $result.Status | Should -Be 2, 'TimedOut'
        Read-RingBuffer $records -AsString | Should -Be 'one', 'three'
        $receiver.Dispose()
        $sender.Dispose()
    }

    It 'refuses <Name> as a handle' -ForEach @(
        @{ Name = 'a stream without a descriptor'; Value = [IO.MemoryStream]::new(); Says = '*No descriptor stands behind a MemoryStream*' }
        @{ Name = 'a number'; Value = 5; Says = '*Int32 is no handle*' }
    ) {
        Write-RingBuffer $ring -FromHandle $Value -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Exception.Message | Should -BeLike $Says
    }

    It 'stops within a moment while it waits, for <_>' -ForEach 'SIGTERM', 'SIGINT' {
        $mark = Join-Path $TestDrive ([guid]::NewGuid())
        $shell = Open-Shell "`$r = New-RingBuffer 1; [IO.File]::WriteAllText('$mark', ''); Write-RingBuffer `$r ('x' * 1MB); 'went on'" -Before 'env', '--default-signal=INT,TERM'
        Wait-For { Test-Path $mark } 'the ring is there'
        kill "-$($_ -replace '^SIG')" $shell.Process.Id
        (Close-Shell $shell).Output | Should -Not -Match 'went on'
    }
}
