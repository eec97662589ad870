# What Measure-PageFault does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $root = (id -u) -eq '0'
    $noTracer = Get-Lack strace
    $noUser = $root ? (Get-Lack setpriv) : 'needs root, to be another user'
    $paranoid = [int] (Get-Content /proc/sys/kernel/perf_event_paranoid -ErrorAction Ignore)
    $notUserOnly = $noUser ?? (($paranoid -eq 2) ? $null : 'needs kernel.perf_event_paranoid to be 2')
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $page = [Environment]::SystemPageSize

    # Maps fresh memory and touches it, page by page, in a loop of its own.
    Add-Type -Namespace MemToolsTest -Name Fresh -MemberDefinition @'
        [DllImport("libc")] static extern IntPtr mmap(IntPtr address, UIntPtr length, int protection, int flags, int file, IntPtr offset);
        [DllImport("libc")] static extern int munmap(IntPtr address, UIntPtr length);
        [DllImport("libc")] static extern int madvise(IntPtr address, UIntPtr length, int advice);
        public static void Touch(long pages)
        {
            if (pages == 0) return;
            long page = Environment.SystemPageSize;
            UIntPtr length = (UIntPtr)(ulong)(pages * page);
            IntPtr memory = mmap(IntPtr.Zero, length, 3, 0x22, -1, IntPtr.Zero);
            madvise(memory, length, 15);
            for (long i = 0; i < pages; i++)
                System.Runtime.InteropServices.Marshal.WriteByte((IntPtr)(memory.ToInt64() + i * page), 1);
            munmap(memory, length);
        }
'@
}

Describe 'Measure-PageFault of a script block' {
    Context 'numbers' {
        It 'reads <_> fresh pages within 0.5 % or 5, median of 20' -ForEach 0, 1000, 100000 {
            $pages = $_
            [MemToolsTest.Fresh]::Touch($pages)
            $results = 1..20 | ForEach-Object { Measure-PageFault { [MemToolsTest.Fresh]::Touch($pages) } }
            $allowed = [Math]::Max(5, $pages * 0.005)
            foreach ($property in 'MinorFaults', 'PerfMinorFaults') {
                $values = $results.$property | Where-Object { $null -ne $_ } | Sort-Object
                if ($values) {
                    $values[10] | Should -BeGreaterOrEqual $pages
                    $values[10] | Should -BeLessOrEqual ($pages + $allowed)
                }
            }
        }

        It 'agrees with what /proc says of the thread' {
            function Get-ThreadFault { [long] ([IO.File]::ReadAllText('/proc/thread-self/stat') -replace '^.*\) ' -split ' ')[7] }
            $null = Get-ThreadFault
            $result = Measure-PageFault { $before = Get-ThreadFault; [MemToolsTest.Fresh]::Touch(20000); $after = Get-ThreadFault }
            $result.MinorFaults | Should -BeGreaterOrEqual ($after - $before)
            $result.MinorFaults | Should -BeLessOrEqual ($after - $before + 200)
        }

        It 'does not count child processes' {
            (Measure-PageFault { bash -c 'x=$(printf "%40000000s" "")' }).MinorFaults | Should -BeLessThan 5000
        }

        It 'counts the switches of a wait' {
            $result = Measure-PageFault { [Threading.Thread]::Sleep(10) }
            $result.VoluntarySwitches | Should -BeGreaterOrEqual 1
            $result.Elapsed.TotalMilliseconds | Should -BeGreaterOrEqual 10
        }
    }

    Context 'as Measure-Command' {
        It 'runs in the current scope and throws the output away' {
            $result = Measure-PageFault { $inside = 42; 'output'; 1..3 }
            $inside | Should -Be 42
            $result | Should -HaveCount 1
            $result.Runs | Should -Be 1
        }

        It 'lets the block see the $_ and the variables around it' {
            $around = 5
            7 | ForEach-Object { $null = Measure-PageFault { $seen = $_ + $around } }
            $seen | Should -Be 12
        }

        It 'has no $args, as the block of Measure-Command has none' {
            function Test-Argument { $null = Measure-PageFault { $script:seen = $args.Count } }
            Test-Argument 1 2 3
            $script:seen | Should -Be 0
        }

        It 'runs once for each object of the pipeline' {
            $seen = [Collections.Generic.List[object]]::new()
            $result = 1..3 | Measure-PageFault { $seen.Add($_) }
            $result | Should -HaveCount 1
            $result.Runs | Should -Be 3
            $seen | Should -Be 1, 2, 3
        }

        It 'gives -InputObject to the block whole' {
            $null = Measure-PageFault { $seen = $_ } -InputObject (1..3)
            $seen | Should -Be 1, 2, 3
        }

        It 'lets return end the block alone' {
            (Measure-PageFault { $reached = 1; return; $reached = 2 }).Runs | Should -Be 1
            $reached | Should -Be 1
        }

        It 'lets break and continue act on the loop around it, after giving the result' {
            $results = foreach ($i in 1..3) { Measure-PageFault { if ($i -eq 2) { break } } }
            $i | Should -Be 2
            @($results).Count | Should -Be 2
            $ends = foreach ($i in 1..3) { $null = Measure-PageFault { if ($i -eq 2) { continue } }; "end $i" }
            $ends | Where-Object { $_ -is [string] } | Should -Be 'end 1', 'end 3'
        }

        It 'lets exit end the script with its code, after giving the result' {
            $end = Invoke-Shell '& { Measure-PageFault { exit 3 } } | ForEach-Object { "Runs: $($_.Runs)" }; "not reached"'
            $end.ExitCode | Should -Be 3
            $end.Output | Should -BeExactly 'Runs: 1'
        }

        It 'lets errors that do not end it pass' {
            $both = & { Measure-PageFault { Write-Error 'complaint' -ErrorAction Continue; $script:after = 1 } } 2>&1
            $both[0].ToString() | Should -BeExactly 'complaint'
            $both[1].Runs | Should -Be 1
            $script:after | Should -Be 1
        }

        It 'is not misled by commands of the session' {
            function Out-Null { throw 'the wrong one' }
            function ForEach-Object { throw 'the wrong one' }
            (Measure-PageFault { $inside = 1 }).Runs | Should -Be 1
        }
    }

    Context 'a block that throws' {
        It 'gives the measurement, and then the error' {
            $caught = $null
            $result = try { Measure-PageFault { [MemToolsTest.Fresh]::Touch(1000); throw 'broken' } } catch { $caught = $_ }
            $result.MinorFaults | Should -BeGreaterOrEqual 1000
            $caught.ToString() | Should -BeExactly 'broken'
        }

        It 'gives what the runs before it cost' {
            $result = try { 1..5 | Measure-PageFault { if ($_ -eq 3) { throw 'broken' } } } catch { 'caught' }
            $result[0].Runs | Should -Be 3
            $result[1] | Should -BeExactly 'caught'
        }

        It 'fails a script with exit code 1' {
            $end = Invoke-Shell '$ErrorActionPreference = "Stop"; Measure-PageFault { throw "broken" } | ForEach-Object { "Runs: $($_.Runs)" }'
            $end.ExitCode | Should -Be 1
            $end.Output | Should -BeExactly 'Runs: 1'
            $end.Error | Should -Match 'broken'
        }
    }

    It 'ends when it is stopped inside the block' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$(Get-ModuleUnderTest)'; Measure-PageFault { Set-Content '$TestDrive/begun' x; Start-Sleep 100000 }")
            $pending = $shell.BeginInvoke()
            Wait-For { Test-Path "$TestDrive/begun" } 'the block runs'
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne([timespan]::FromMinutes(5)) | Should -BeTrue
            $pending.IsCompleted | Should -BeTrue
        }
        finally {
            $shell.Dispose()
        }
    }

    Context 'perf_event_open' {
        It 'is left out with the reason where it is refused with <_>' -ForEach 'EACCES', 'ENOSYS' -Skip:([bool]$noTracer) {
            $tracer = 'strace', '-f', '--seccomp-bpf', '-qq', '-o', '/dev/null', '-e', 'trace=perf_event_open', '-e', "inject=perf_event_open:error=$_"
            $end = Invoke-Shell 'Measure-PageFault { [Random]::Shared.NextBytes([byte[]]::new(10MB)) } | ConvertTo-Json' -Before $tracer
            $result = $end.Output | ConvertFrom-Json
            $result.PerfRefused | Should -BeLike "perf_event_open: $_*"
            $result.PerfMinorFaults, $result.PerfMajorFaults, $result.PerfSwitches, $result.PerfTaskTime, $result.PerfScope |
                Where-Object { $null -ne $_ } | Should -BeNullOrEmpty
            $result.MinorFaults | Should -BeGreaterOrEqual (10MB / $page)
        }

        It 'counts in user mode alone for a user who may not look into the kernel' -Skip:([bool]$notUserOnly) {
            $public = Get-PublicFolder
            try {
                Copy-Item (Get-ModuleUnderTest) $public -Recurse
                $user = 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent'
                $end = Invoke-Shell 'Measure-PageFault { Start-Sleep -Milliseconds 10 } | ConvertTo-Json' -Before $user -Module "$public/MemTools"
                $result = $end.Output | ConvertFrom-Json
                $result.PerfScope | Should -BeExactly 'User'
                $result.PerfRefused, $result.PerfSwitches | Where-Object { $null -ne $_ } | Should -BeNullOrEmpty
                $result.PerfMinorFaults | Should -BeLessOrEqual $result.MinorFaults
            }
            finally {
                Remove-Item $public -Recurse
            }
        }
    }
}

Describe 'Measure-PageFault of processes' {
    It 'counts the faults of a process, from a source that it names' {
        $result = Measure-PageFault -Id $PID -DurationSec 0.2
        $result.ProcessId | Should -Be $PID
        $result.Source | Should -BeExactly "/proc/$PID/stat"
        $result.Elapsed.TotalSeconds | Should -BeGreaterOrEqual 0.2
        $result.MinorFaultsPerSecond | Should -BeExactly ($result.MinorFaults / $result.Elapsed.TotalSeconds)
        $result.Ended | Should -BeFalse
    }

    It 'takes processes from the pipeline, each once' {
        $results = Get-Process -Id $PID, $PID | Measure-PageFault -DurationSec 0.05
        $results | Should -HaveCount 1
        $results.Name | Should -BeExactly (Get-Content "/proc/$PID/comm")
    }

    It 'measures the others where one is not there' {
        $results = Measure-PageFault -Id 2147483647, $PID -DurationSec 0.05 -ErrorVariable failed -ErrorAction SilentlyContinue
        $results.ProcessId | Should -Be $PID
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
        $failed[0].TargetObject | Should -Be 2147483647
    }

    It 'gives what was counted of a process that ends, and an error' {
        $process = Open-Process 'sleep', '2'
        $result = Measure-PageFault -Id $process.Process.Id -DurationSec 3600 -ErrorVariable failed -ErrorAction SilentlyContinue
        $result.Ended | Should -BeTrue
        $result.Elapsed.TotalSeconds | Should -BeLessThan 3600
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProcessNotFound,*'
        $failed[0].ToString() | Should -BeLike '*sleep*'
    }

    It 'ends when it is stopped' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$(Get-ModuleUnderTest)'; Measure-PageFault -Id $PID -DurationSec 100000")
            $pending = $shell.BeginInvoke()
            Wait-For { $shell.Runspace.RunspaceAvailability -eq 'Busy' } 'the command runs'
            $stopping = $shell.BeginStop($null, $null)
            $stopping.AsyncWaitHandle.WaitOne([timespan]::FromMinutes(5)) | Should -BeTrue
            $pending.IsCompleted | Should -BeTrue
        }
        finally {
            $shell.Dispose()
        }
    }

    It 'refuses the id <_>' -ForEach 0, -1 {
        { Measure-PageFault -Id $_ } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }
}

Describe 'Measure-PageFault of a mapping' {
    BeforeAll { $pages = 1MB / $page }

    It 'costs a fault a page, again after unmapping, and none on reuse' {
        (Measure-PageFault -Size 1MB -Repeat 2).ForEach({ [Math]::Round($_.FaultsPerPage, 1) }) | Should -Be 1, 1
        $reused = Measure-PageFault -Size 1MB -Reuse -Repeat 12
        $reused | Should -HaveCount 12
        $reused[0].MinorFaults | Should -BeGreaterOrEqual $pages
        # The median: the runtime may stop the thread at any moment, on pages of its stack that it has not had before.
        @($reused[1..11].MinorFaults | Sort-Object)[5] | Should -BeLessOrEqual 5
        $reused[1].Reused | Should -BeTrue
    }

    It 'says what it mapped and how' {
        $result = Measure-PageFault -Size 1MB -Backing SharedFile -Access Read -Pattern Random -Advice WillNeed
        $result.Backing, $result.Access, $result.Pattern | Should -BeExactly 'SharedFile', 'Read', 'Random'
        $result.Advice | Should -BeLike '*WillNeed'
        $result.Length, $result.PageSize, $result.PagesTouched | Should -Be 1MB, $page, $pages
    }

    It 'takes -StrideBytes for -Pattern Stride' {
        $result = Measure-PageFault -Size 1MB -StrideBytes (4 * $page)
        $result.Pattern | Should -BeExactly 'Stride'
        $result.PagesTouched | Should -Be ($pages / 4)
    }

    It 'maps a file privately unless told otherwise, and leaves it as it was' {
        $path = Join-Path $TestDrive 'file [1].bin'
        [IO.File]::WriteAllBytes($path, [byte[]]::new(1MB))
        $result = Measure-PageFault -Size 1MB -Path $path
        $result.Backing, $result.Path, $result.Touch | Should -BeExactly 'PrivateFile', $path, 'SystemCall'
        (Get-FileHash -LiteralPath $path).Hash | Should -BeExactly (Get-FileHash -InputStream ([IO.MemoryStream]::new([byte[]]::new(1MB)))).Hash
    }

    It 'populates: faults of getrusage and not of perf_event_open' {
        $results = Measure-PageFault -Size 1MB -Populate -Repeat 11
        $results.MinorFaults | ForEach-Object { $_ | Should -BeGreaterOrEqual $pages }
        if (-not $results[0].PerfRefused) {
            @($results.PerfMinorFaults | Sort-Object)[5] | Should -BeLessOrEqual 5
        }
    }

    It 'refuses a size of <_>' -ForEach 0, -1, '9223372036854775808' {
        { Measure-PageFault -Size $_ } | Should -Throw -ErrorId '*Measure*PageFault*'
    }

    It 'refuses with <Id>: <Options>' -ForEach @(
        @{ Id = 'OutOfMemory'; Options = @{ Size = 1PB } }
        @{ Id = 'OutOfMemory'; Options = @{ Size = [long]::MaxValue; Backing = 'SharedFile' } }
        @{ Id = 'OutOfMemory'; Options = @{ Size = 1PB; Backing = 'Huge' } }
        @{ Id = 'NotFound'; Options = @{ Size = 1; Path = '/no/such/file' } }
        @{ Id = 'Misuse'; Options = @{ Size = 1; Path = 'Env:PATH' } }
        @{ Id = 'Misuse'; Options = @{ Size = 1; Path = '/dev/null' } }
        @{ Id = 'Misuse'; Options = @{ Size = 1; Path = '/etc/passwd'; Backing = 'SharedFile' } }
        @{ Id = 'Misuse'; Options = @{ Size = 1; Pattern = 'Stride' } }
        @{ Id = 'Misuse'; Options = @{ Size = 1; Pattern = 'Random'; StrideBytes = 1 } }
    ) {
        { Measure-PageFault @Options } | Should -Throw -ErrorId "$Id,*"
    }

    It 'survives a file that another process cuts short again and again' {
        $script = @'
$path = [IO.Path]::GetTempFileName()
[IO.File]::WriteAllBytes($path, [byte[]]::new(8MB))
$other = Start-Process bash '-c', "while :; do truncate -s 0 $path; truncate -s 8M $path; done" -PassThru
try {
    1..20 | ForEach-Object { try { Measure-PageFault -Size 8MB -Path $path -Access Read | Out-Null } catch { $_.FullyQualifiedErrorId } } |
        ForEach-Object { if ($_ -notmatch '^(SourceTruncated|Misuse),') { "unexpected: $_" } }
}
finally { $other.Kill(); Remove-Item $path }
'alive'
'@
        $end = Invoke-Shell $script
        $end.Output | Should -BeExactly 'alive'
        $end.ExitCode | Should -Be 0
    }

    It 'ends when it is stopped' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$(Get-ModuleUnderTest)'; Measure-PageFault -Size 16MB -Repeat 10000000 | Out-Null")
            $null = $shell.BeginInvoke()
            Wait-For { $shell.Runspace.RunspaceAvailability -eq 'Busy' } 'the command runs'
            $shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne([timespan]::FromMinutes(5)) | Should -BeTrue
        }
        finally {
            $shell.Dispose()
        }
    }
}

Describe 'The results of Measure-PageFault' {
    BeforeAll {
        $results = @(
            Measure-PageFault { 1..100 }
            Measure-PageFault -Id $PID -DurationSec 0.02
            Measure-PageFault -Size 1MB
        )
    }

    It 'survive ConvertTo-Json and Export-Csv' {
        foreach ($result in $results) {
            $json = $result | ConvertTo-Json | ConvertFrom-Json
            $result | Export-Csv "$TestDrive/result.csv"
            $csv = Import-Csv "$TestDrive/result.csv"
            $json.MinorFaults | Should -Be $result.MinorFaults
            $json.Elapsed.Ticks | Should -Be $result.Elapsed.Ticks
            [long] $csv.MinorFaults | Should -Be $result.MinorFaults
            [timespan] $csv.Elapsed | Should -Be $result.Elapsed
        }
    }

    It 'survive Start-Job, with their tables' {
        $module = Get-ModuleUnderTest
        $back = Start-Job {
            Import-Module $using:module
            Measure-PageFault { 1..100 }
            Measure-PageFault -Id $PID -DurationSec 0.02
            Measure-PageFault -Size 1MB
        } | Receive-AndRemove
        $back.MinorFaults | ForEach-Object { $_ | Should -BeOfType long }
        $back.Elapsed | ForEach-Object { $_ | Should -BeOfType timespan }
        $back[2].ResidentBytes | Should -Be 1MB
        $back[2] | Out-String -Width 80 | Should -Match 'Round Backing\s+Access\s+Pages\s+Minor\s+Major\s+/Page\s+ns/Page\s+Resident'
    }

    It 'fit into 80 columns' {
        foreach ($result in $results) {
            $lines = ($result | Out-String -Width 80) -split "`n"
            @($lines | Where-Object { $_.Trim() }).Count | Should -Be 3
            $lines | Where-Object { $_ -match '…' } | Should -BeNullOrEmpty
        }
    }
}
