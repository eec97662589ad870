# What Sync-FolderZeroCopy does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noTerminal = Get-Lack script, env
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Sync-FolderZeroCopy' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder/src/dir -ItemType Directory
        Set-Content $folder/src/a.txt 'the content'
        Set-Content $folder/src/dir/b.txt 'more'
        Push-Location $folder
    }

    AfterEach { Pop-Location }

    It 'emits exactly one result, and finds nothing to do the second time' {
        $first = Sync-FolderZeroCopy src dst
        $first | Should -HaveCount 1
        $first.GetType().Name | Should -BeExactly 'FileTransferJobResult'
        $first.Files, $first.Directories, $first.Failed, $first.ExitCode | Should -Be 2, 1, 0, 0
        Get-Content dst/dir/b.txt | Should -BeExactly 'more'
        $second = Sync-FolderZeroCopy src dst
        $second.Files, $second.Skipped, $second.Bytes | Should -Be 0, 2, 0
    }

    It 'emits the items with -PassThru' {
        $items = Sync-FolderZeroCopy src dst -PassThru
        @($items | Where-Object ItemType -EQ File).Status | Should -Be 'Copied', 'Copied'
        @(Sync-FolderZeroCopy src dst -PassThru).Status | Should -Be 'Skipped', 'Skipped'
    }

    It 'removes with -Delete and without a prompt, and nothing with -WhatIf' {
        $null = Sync-FolderZeroCopy src dst
        Set-Content dst/extra.txt 'x'
        Sync-FolderZeroCopy src dst -Delete -WhatIf | Should -BeNullOrEmpty
        'dst/extra.txt' | Should -Exist
        (Sync-FolderZeroCopy src dst -Delete).Removed | Should -Be 1
        'dst/extra.txt' | Should -Not -Exist
    }

    It 'makes nothing at all with -WhatIf' {
        Sync-FolderZeroCopy src dst -WhatIf
        'dst' | Should -Not -Exist
    }

    It 'says with -WhatIf what would be copied and removed' {
        $null = Sync-FolderZeroCopy src dst
        Set-Content dst/extra.txt 'x'
        Set-Content src/new.txt 'x'
        $said = (Invoke-Shell "Sync-FolderZeroCopy '$folder/src' '$folder/dst' -Delete -WhatIf").Output
        $said | Should -Match 'Copy File.*new\.txt'
        $said | Should -Match 'Remove Item.*extra\.txt'
        $said | Should -Not -Match '/a\.txt'
    }

    It 'removes nothing where that would be more than -MaximumDelete' {
        $null = Sync-FolderZeroCopy src dst
        Set-Content dst/one.txt, dst/two.txt 'x'
        $job = Sync-FolderZeroCopy src dst -Delete -MaximumDelete 1 -ErrorVariable failed -ErrorAction SilentlyContinue
        $job.ExitCode, $job.Failed, $job.Removed | Should -Be 1, 1, 0
        $failed.FullyQualifiedErrorId | Should -Match '^DeletionRefused'
        'dst/one.txt', 'dst/two.txt' | Should -Exist
    }

    It 'refuses an empty and a missing source' {
        $null = Sync-FolderZeroCopy src dst
        $null = New-Item empty -ItemType Directory
        { Sync-FolderZeroCopy empty dst -Delete } | Should -Throw -ErrorId 'DeletionRefused*'
        { Sync-FolderZeroCopy none dst -Delete } | Should -Throw -ErrorId 'NotFound*'
        'dst/a.txt' | Should -Exist
    }

    It 'makes an error record of each failure, and goes on' {
        $null = New-Item dst/a.txt -ItemType Directory
        $job = Sync-FolderZeroCopy src dst -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Should -HaveCount 1
        $failed[0].FullyQualifiedErrorId | Should -Match '^IsDirectory'
        $job.Failures[0].Path | Should -BeExactly "$folder/src/a.txt"
        $job.Files, $job.Failed | Should -Be 1, 1
    }

    It 'refuses what makes no sense' {
        { Sync-FolderZeroCopy src dst -MaximumDelete 1 } | Should -Throw -ErrorId 'Misuse*'
        { Sync-FolderZeroCopy src dst -Preserve Mode } | Should -Throw -ErrorId 'Misuse*'
        { Sync-FolderZeroCopy src src } | Should -Throw -ErrorId 'SameFile*'
    }

    It 'hands an exit code on to pwsh -File' {
        $script = Join-Path $folder job.ps1
        Set-Content $script @"
Import-Module '$(Get-ModuleUnderTest)'
try { `$job = Sync-FolderZeroCopy '$folder/src' '$folder/dst' -ErrorAction Continue; exit `$job.ExitCode }
catch { [Console]::Error.WriteLine(`$_); exit 2 }
"@
        $pwsh = (Get-Process -Id $PID).Path
        $run = { (Close-Shell (Open-Process $pwsh, '-NoProfile', '-File', $script)).ExitCode }
        & $run | Should -Be 0
        Remove-Item dst/a.txt
        $null = New-Item dst/a.txt -ItemType Directory
        & $run | Should -Be 1
        Remove-Item src -Recurse
        & $run | Should -Be 2
    }

    It 'writes a log of JSON lines' {
        $null = Sync-FolderZeroCopy src dst -LogPath job.jsonl
        $lines = Get-Content job.jsonl | ConvertFrom-Json
        $lines[0].event, $lines[-1].event | Should -Be 'start', 'end'
        ($lines | Where-Object type -EQ File).status | Should -Be 'Copied', 'Copied'
        $lines[-1].files | Should -Be 2
    }

    It 'survives ConvertTo-Json, Export-Csv and Start-Job' {
        $null = New-Item dst/a.txt -ItemType Directory
        $job = Sync-FolderZeroCopy src dst -ErrorAction SilentlyContinue
        ($job | ConvertTo-Json -Depth 4 | ConvertFrom-Json).Failures[0].ErrorId | Should -BeExactly 'IsDirectory'
        ($job | ConvertTo-Csv | ConvertFrom-Csv).Bytes | Should -Be $job.Bytes
        $module = Get-ModuleUnderTest
        $back = Start-Job { Import-Module $using:module; Sync-FolderZeroCopy $using:folder/src $using:folder/dst -ErrorAction SilentlyContinue } | Receive-AndRemove
        $back.Failures[0].ErrorId | Should -BeExactly 'IsDirectory'
        $back.Elapsed | Should -BeOfType timespan
    }

    Context 'being stopped' {
        BeforeEach {
            # Eight seconds at the limit that the tests set: every signal comes in the middle of it.
            $bytes = [byte[]]::new(8MB)
            [Random]::new(1).NextBytes($bytes)
            [IO.File]::WriteAllBytes("$folder/src/large", $bytes)
            $partial = "$folder/dst/.large.memtools-partial"
            $limited = "Sync-FolderZeroCopy '$folder/src' '$folder/dst' -Resume -BandwidthLimit 1MB -LogPath '$folder/job.jsonl'"
        }

        It 'keeps the large file on SIG<Signal>, ends with <ExitCode>, and the next run goes on' -ForEach @(
            @{ Signal = 'TERM'; ExitCode = 143 }, @{ Signal = 'HUP'; ExitCode = 129 }
        ) {
            $shell = Open-Shell $limited
            # What is gone on from is cut to whole pieces: more than one has to be there.
            Wait-For { (Get-Item $partial -Force -ErrorAction Ignore).Length -gt 2MB } 'pieces arrived in the partial file'
            kill "-$Signal" $shell.Process.Id
            (Close-Shell $shell).ExitCode | Should -Be $ExitCode
            'dst/large' | Should -Not -Exist
            (Get-Content job.jsonl -Tail 1 | ConvertFrom-Json).status | Should -BeExactly 'Stopped'
            $job = Sync-FolderZeroCopy src dst -Resume
            $job.BytesResumed | Should -BeGreaterThan 0
            Get-Sha256 dst/large | Should -Be (Get-Sha256 src/large)
            $partial | Should -Not -Exist
        }

        It 'ends on Ctrl+C at a terminal, and the shell lives' -Skip:([bool]$noTerminal) {
            $pwsh = (Get-Process -Id $PID).Path
            $command = "Remove-Module PSReadLine -ErrorAction Ignore; Import-Module '$(Get-ModuleUnderTest)'; " +
                "$limited; Set-Content '$folder/not-reached' x"
            $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($command))
            $terminal = Open-Process 'script', '-qfec', "exec env --default-signal=INT $pwsh -NoProfile -NoLogo -NoExit -EncodedCommand $encoded", '/dev/null'
            Wait-For { (Get-Item $partial -Force -ErrorAction Ignore).Length -gt 0 } 'bytes arrived in the partial file'
            $terminal.Process.StandardInput.Write([string][char]3)
            $terminal.Process.StandardInput.Flush()
            Wait-For { Select-String '"Stopped"' job.jsonl -Quiet } 'the log said that it was stopped'
            $terminal.Process.StandardInput.Write("exit 42`r")
            $terminal.Process.StandardInput.Flush()
            (Close-Shell $terminal).ExitCode | Should -Be 42
            'not-reached', 'dst/large' | Should -Not -Exist
            $partial | Should -Exist
        }

        It 'ends while it waits for another job' -Skip:([bool](Get-Lack flock)) {
            $null = New-Item dst -ItemType Directory
            $other = Open-Process 'flock', "$folder/dst", 'sleep', '600'
            try {
                $shell = Open-Shell "Sync-FolderZeroCopy '$folder/src' '$folder/dst'"
                Wait-For { Get-ChildItem "/proc/$($shell.Process.Id)/fd" -ErrorAction Ignore | Where-Object Target -EQ "$folder/dst" } 'it waited'
                kill -TERM $shell.Process.Id
                (Close-Shell $shell).ExitCode | Should -Be 143
            }
            finally {
                $other.Process.Kill($true)
                $other.Process.WaitForExit()
            }
            Get-ChildItem dst | Should -BeNullOrEmpty
        }

        It 'ends while it waits to try again' {
            # A program that runs cannot be written: ETXTBSY, which passes when it ends.
            Remove-Item src/large
            $null = New-Item dst -ItemType Directory
            Copy-Item (Get-Command sleep -CommandType Application | Select-Object -First 1).Source dst/a.txt
            chmod +x dst/a.txt
            $busy = Open-Process "$folder/dst/a.txt", '600'
            try {
                $shell = Open-Shell ("Sync-FolderZeroCopy '$folder/src' '$folder/dst' -InPlace " +
                    "-MaximumRetryCount 3 -RetryIntervalSec 1000 -LogPath '$folder/job.jsonl'")
                Wait-For { (Test-Path job.jsonl) -and (Select-String '"retry"' job.jsonl -Quiet) } 'it was to be tried again'
                kill -TERM $shell.Process.Id
                (Close-Shell $shell).ExitCode | Should -Be 143
            }
            finally {
                $busy.Process.Kill($true)
                $busy.Process.WaitForExit()
            }
            (Get-Content job.jsonl -Tail 1 | ConvertFrom-Json).status | Should -BeExactly 'Stopped'
        }
    }

    It 'shows files, bytes, rate and time left' {
        $bytes = [byte[]]::new(1MB)
        1..8 | ForEach-Object { [IO.File]::WriteAllBytes("$folder/src/$_.bin", $bytes) }
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript({
                    param($module, $folder)
                    Import-Module $module
                    Sync-FolderZeroCopy "$folder/src" "$folder/dst" -Sparse Never -BandwidthLimit 2MB
                }).AddArgument((Get-ModuleUnderTest)).AddArgument($folder)
            $shell.Invoke().Files | Should -Be 10
            $all = @($shell.Streams.Progress | Where-Object Activity -EQ 'Synchronizing folders')
            $whole = @($all | Where-Object PercentComplete -GE 0)
            $whole[-1].StatusDescription | Should -Match '^\d+ of 10 files, \d.*B, .*/s, .* left$'
            $whole[-1].SecondsRemaining | Should -BeGreaterOrEqual 0
            $all[-1].RecordType | Should -Be 'Completed'
        }
        finally {
            $shell.Dispose()
        }
    }
}
