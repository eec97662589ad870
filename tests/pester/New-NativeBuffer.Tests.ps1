# What New-NativeBuffer and the methods of its buffers do, as their users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noTrace = Get-Lack strace
    # A limit on locked memory, and a user whom it binds: root locks what it likes.
    $noLimit = (Get-Lack prlimit) ?? ((id -u) -eq '0' ? (Get-Lack setpriv) : $null)
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $asNobody = (id -u) -eq '0' ? @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--inh-caps=-all', 'env', 'HOME=/nonexistent') : @()
}

Describe 'New-NativeBuffer' {
    AfterEach {
        Get-NativeBuffer | Remove-NativeBuffer
    }

    It 'takes <Length> bytes aligned at <Alignment>' -ForEach @(
        @{ Length = 0; Alignment = 16 }
        @{ Length = 1; Alignment = 64 }
        @{ Length = 7; Alignment = 512 }
        @{ Length = 64KB; Alignment = 4KB }
        @{ Length = 1MB; Alignment = 2MB }
        @{ Length = 3GB; Alignment = 1GB }
    ) {
        $buffer = New-NativeBuffer $Length -Alignment $Alignment
        $buffer.Length | Should -Be $Length
        $buffer.Address % $Alignment | Should -Be 0
        if ($Length -gt 8) {
            $buffer.WriteInt64($Length - 8, 0x0102030405060708, $true)
            $buffer.GetBytes($Length - 8, 8) | Should -Be (1..8)
        }
    }

    It 'is zero where pages are its own, and where -Zero says so' {
        (New-NativeBuffer 1MB).GetBytes() | Measure-Object -Sum | Select-Object -ExpandProperty Sum | Should -Be 0
        foreach ($i in 1..20) {
            $dirty = New-NativeBuffer 100
            $dirty.Fill(7)
            $dirty.Dispose()
            ((New-NativeBuffer 100 -Zero).GetBytes() | Measure-Object -Sum).Sum | Should -Be 0
        }
    }

    It 'has text, bytes and numbers at an offset' {
        $buffer = New-NativeBuffer 100 -Zero
        $buffer.SetString(10, 'größer')
        $buffer.GetString(10, 8) | Should -BeExactly 'größer'
        $buffer.WriteInt32(0, 258)
        $buffer.WriteInt32(4, 258, $true)
        $buffer.GetBytes(0, 8) | Should -Be 2, 1, 0, 0, 0, 0, 1, 2
        $buffer.ReadInt32(4, $true) | Should -Be 258
        $buffer.ReadInt32(4) | Should -Be 0x02010000
        $buffer.SetBytes([byte[]](9, 8))
        $buffer.SetBytes(98, [byte[]](7, 6))
        $buffer.ReadByte(1), $buffer.ReadByte(99) | Should -Be 8, 6
        { $buffer.SetBytes(99, [byte[]](1, 2)) } | Should -Throw '*Bytes 99 to 101 do not lie within*'
        $buffer.ReadByte(99) | Should -Be 6
    }

    It 'wraps an array without copying it, and no other list' {
        $bytes = [byte[]](1, 2, 3)
        $buffer = New-NativeBuffer -InputObject $bytes
        $buffer.WriteByte(0, 42)
        $bytes[1] = 43
        $bytes[0], $buffer.ReadByte(1) | Should -Be 42, 43
        { New-NativeBuffer -InputObject (1..3) } | Should -Throw '*byte array*' -ErrorId 'Misuse,MemTools.Commands.NewNativeBufferCommand'
    }

    It 'shares memory with slices, which keep it' {
        $buffer = New-NativeBuffer 1MB
        $slice = $buffer.Slice(1000, 4)
        $slice.SetString(0, 'kept')
        $buffer.GetString(1000, 4) | Should -Be 'kept'
        $buffer.Dispose()
        $slice.GetString() | Should -Be 'kept'
        $slice.Parent, $slice.SharedBy | Should -Be $buffer.Name, 1
        { $buffer.GetString() } | Should -Throw '*has been disposed*'
    }

    It 'makes composites, from one and from a list, that read across their borders' {
        $parts = 1..5 | ForEach-Object { New-NativeBuffer -InputObject ([byte[]]($_, ($_ * 10))) }
        $all = [MemTools.Pools.NativeBuffer]::Concat($parts)
        $two = $parts[0].Concat($parts[1])
        $parts | Remove-NativeBuffer
        $all.GetBytes() | Should -Be 1, 10, 2, 20, 3, 30, 4, 40, 5, 50
        $all.ReadInt32(1, $true) | Should -Be 0x0A021403
        $all.Slice(3, 4).GetBytes() | Should -Be 20, 3, 30, 4
        $two.GetBytes() | Should -Be 1, 10, 2, 20
        $two | ForEach-Object { $_ } | Should -HaveCount 1
    }

    It 'is written and read by the kernel, and by streams of .NET' {
        $first = New-NativeBuffer -InputObject ([byte[]](1, 2, 3))
        $second = New-NativeBuffer 100KB
        $second.Fill(5)
        $both = $first.Concat($second)
        $file = [IO.File]::Create("$TestDrive/both")
        $both.WriteTo($file) | Should -Be (100KB + 3)
        $file.Position = 2
        $both.ReadFrom($file, 1) | Should -Be (100KB + 1)
        $file.Dispose()
        $both.GetBytes(0, 3) | Should -Be 3, 5, 5
        $memory = [IO.MemoryStream]::new()
        $memory.WriteAsync($second.Memory).AsTask().Wait()
        $memory.Length | Should -Be 100KB
    }

    It 'writes on after signals' -Skip:($null -ne $noTrace) {
        $script = @"
            `$parts = foreach (`$i in 1..3000) { New-NativeBuffer -InputObject ([Text.Encoding]::ASCII.GetBytes("`$i ")) }
            `$all = [MemTools.Pools.NativeBuffer]::Concat(`$parts)
            `$file = [IO.File]::Create('$TestDrive/all')
            `$all.WriteTo(`$file)
            `$file.Dispose()
"@
        # Every other call comes back for a signal. The 3000 parts need three that do not.
        $before = 'strace', '-f', '-qq', '-o', "$TestDrive/log", '-e', 'trace=pwritev', '-e', 'inject=pwritev:error=EINTR:when=1+2'
        $expected = (1..3000 | ForEach-Object { "$_ " }) -join ''
        (Invoke-Shell $script -Before $before).Output | Should -Be $expected.Length
        [IO.File]::ReadAllText("$TestDrive/all") | Should -BeExactly $expected
        "$TestDrive/log" | Should -FileContentMatch 'EINTR.*INJECTED'
        (Get-Content "$TestDrive/log" | Where-Object { $_ -match 'pwritev\(' }).Count | Should -Be 6
    }

    It 'refuses <Name> with an error of kind <Kind>' -ForEach @(
        @{ Name = 'an alignment that is no power of two'; Kind = 'Misuse'; Parameters = @{ Length = 1; Alignment = 24 } }
        @{ Name = 'an alignment beyond 1 GiB'; Kind = 'Misuse'; Parameters = @{ Length = 1; Alignment = 2GB } }
        @{ Name = 'more than there are addresses'; Kind = 'OutOfMemory'; Parameters = @{ Length = 1PB } }
        @{ Name = 'more locked memory than there is'; Kind = 'OutOfMemory'; Parameters = @{ Length = 100TB; Locked = $true } }
    ) {
        { New-NativeBuffer @Parameters } | Should -Throw -ErrorId "$Kind,MemTools.Commands.NewNativeBufferCommand"
        Get-NativeBuffer | Should -BeNullOrEmpty
    }

    It 'says how many huge pages are free, and how to have more' -Skip:(-not (Test-Path /proc/sys/vm/nr_hugepages)) {
        $failure = { New-NativeBuffer 100TB -HugePage } | Should -Throw -PassThru
        "$failure" | Should -Match 'huge pages of .* are wanted, and \d+ of those that are reserved are free.*sysctl vm\.nr_hugepages=\d+'
    }

    It 'says what RLIMIT_MEMLOCK allows' -Skip:($null -ne $noLimit) {
        $script = "`$b = New-NativeBuffer 16KB -Locked; `$b.Locked; try { New-NativeBuffer 1MB -Locked } catch { `$_.FullyQualifiedErrorId; `$_.Exception.Message }"
        $end = Invoke-Shell $script -Before ($asNobody + @('prlimit', '--memlock=131072'))
        $lines = $end.Output -split "`n"
        $lines[0] | Should -Be 'True'
        $lines[1] | Should -BeExactly 'LockLimit,MemTools.Commands.NewNativeBufferCommand'
        $lines[2] | Should -Match 'This process may lock 128 KiB \(RLIMIT_MEMLOCK\).*ulimit -l'
        (Invoke-Shell $script -Before ($asNobody + @('prlimit', '--memlock=0'))).Error | Should -Match 'may lock 0 B'
    }

    It 'gets EFBIG from a file past RLIMIT_FSIZE, and no signal' -Skip:($null -ne $noLimit) {
        $folder = Get-PublicFolder
        try {
            $script = "prlimit --pid `$PID --fsize=65536; `$b = New-NativeBuffer 1MB; `$all = `$b.Concat(`$b); `$file = [IO.File]::Create('$folder/file'); " +
                'foreach ($one in $b, $all) { $file.Position = 0; try { $one.WriteTo($file) } catch { $e = $_.Exception.InnerException; "$($e.Kind) $($e.Message)" } }; "alive $($file.Length)"'
            $end = Invoke-Shell $script
            $lines = $end.Output -split "`n"
            $lines[0, 1] | ForEach-Object { $_ | Should -Match '^FileTooLarge .*EFBIG' }
            $lines[2] | Should -Be 'alive 65536'
            $end.ExitCode, $end.Error | Should -Be 0, ''
        }
        finally { Remove-Item $folder -Recurse -Force }
    }

    It 'survives JSON, CSV and jobs' {
        $buffer = New-NativeBuffer 1MB -Alignment 1MB -Name mine
        ($buffer | ConvertTo-Json -Depth 1 -WarningAction Ignore | ConvertFrom-Json).Address | Should -Be $buffer.Address
        ($buffer | ConvertTo-Csv | ConvertFrom-Csv).Alignment | Should -Be 1MB
        $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($buffer))
        $back.TakenBytes, $back.Name | Should -Be 1MB, 'mine'
        $back | Out-String | Should -Match 'mine\s+Mapped\s+1\.0 MiB'
        $composite = $buffer.Concat($buffer)
        ($composite | ConvertTo-Json | ConvertFrom-Json).PartCount | Should -Be 2
    }

    It 'is disposed in other threads while it is used, and nothing worse than an error happens' {
        $script = @'
            foreach ($round in 1..5) {
                $buffer = New-NativeBuffer 1MB
                $memory = $buffer.Memory
                $users = 1..3 | ForEach-Object { Start-ThreadJob { param($b, $m) try { while ($true) { $b.Fill(1); $null = $m.ToArray() } } catch { 'ended' } } -ArgumentList $buffer, $memory }
                Start-Sleep -Milliseconds 50
                $buffer.Dispose()
                $users | Receive-Job -Wait
                $users | Remove-Job
            }
'@
        $end = Invoke-Shell $script
        $end.ExitCode | Should -Be 0
        $end.Output -split "`n" | Should -Be (@('ended') * 15)
    }
}
