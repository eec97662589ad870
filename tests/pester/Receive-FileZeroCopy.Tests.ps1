# What Receive-FileZeroCopy does, as its users see it: in the foreground, as a job, and with a socket that the caller has.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'Receive-FileZeroCopy' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder/in -ItemType Directory
        Set-Content $folder/a.txt 'the content'
        Push-Location $folder
        $noKey = $env:MEMTOOLS_KEY
        $env:MEMTOOLS_KEY = $null
    }

    AfterEach {
        $env:MEMTOOLS_KEY = $noKey
        Get-Job | Where-Object PSJobTypeName -EQ FileReceiveJob | Remove-Job -Force
        Pop-Location
    }

    It 'announces where it listens, and receives from another shell' {
        $shell = Open-Shell "Receive-FileZeroCopy '$folder/in' -UnixSocket '$folder/s' -Count 1 | ForEach-Object { `$_.Status, `$_.Source, `$_.Destination -join ' ' }"
        Wait-For { Test-Path ./s } 'the other shell listens'
        $sent = Send-FileZeroCopy ./a.txt -UnixSocket ./s
        $end = Close-Shell $shell
        $end.ExitCode | Should -Be 0
        $end.Output | Should -Match "memtools\+unix://$folder/s\?v=1&key=no"
        $end.Output | Should -Match "Received a\.txt $folder/in/a\.txt"
        Get-Sha256 ./in/a.txt | Should -Be $sent.Hash
        './s' | Should -Not -Exist
    }

    It 'announces by an information record that is the connection string' {
        { Receive-FileZeroCopy ./in -TimeoutSec 1 -InformationVariable script:said 6>$null } | Should -Throw -ErrorId 'TimedOut*'
        "$said" | Should -Match '^memtools://127\.0\.0\.1:\d+/\?v=1&key=no$'
    }

    It 'is a job with -AsJob, of which all of PowerShell''s commands for jobs know' {
        $job = Receive-FileZeroCopy ./in -Count 1 -AsJob
        $job.State, $job.PSJobTypeName | Should -Be 'Running', 'FileReceiveJob'
        Get-Job $job.Id | Should -Be $job
        $job | Out-String | Should -Match ([regex]::Escape($job.ConnectionString))
        $null = Send-FileZeroCopy ./a.txt $job.ConnectionString
        $null = $job | Wait-Job
        $job.State, $job.CompletedSessions, $job.OpenConnections | Should -Be 'Completed', 1, 0
        (Receive-Job $job -Keep).Destination | Should -Be "$folder/in/a.txt"
        $got = Receive-Job $job
        $got.Status, $got.Source, $job.HasMoreData | Should -Be 'Received', 'a.txt', $false
        ($got | ConvertTo-Json | ConvertFrom-Json).Hash | Should -Be (Get-Sha256 ./a.txt)
        Remove-Job $job
        Get-Job | Should -Not -Contain $job
    }

    It 'can be removed as a job while somebody is still being told that it has ended, as Receive-Job -AutoRemoveJob does' {
        Add-Type -ErrorAction Ignore @'
public sealed class SlowListener
{
    private readonly System.Threading.ManualResetEventSlim _removed = new System.Threading.ManualResetEventSlim();
    public volatile string Heard = "nothing";
    public void Removed() { _removed.Set(); }
    public void On(object sender, System.Management.Automation.JobStateEventArgs change)
    {
        Heard = "the end";
        Heard = _removed.Wait(300000) ? "the end, and the job was removed meanwhile" : "the end, and nothing more";
    }
}
'@
        $listener = [SlowListener]::new()
        $job = Receive-FileZeroCopy ./in -Count 1 -AsJob
        $job.add_StateChanged([Delegate]::CreateDelegate([EventHandler[Management.Automation.JobStateEventArgs]], $listener, 'On'))
        $null = Send-FileZeroCopy ./a.txt $job.ConnectionString
        Wait-For { $listener.Heard -ne 'nothing' } 'the listener heard of the end'
        $job.State | Should -Be 'Completed'
        Remove-Job $job
        # Receive-Job removes it once more when it is told: until all have been told there is something to be removed.
        (Get-Job).Id | Should -Contain $job.Id
        $listener.Removed()
        Wait-For { $listener.Heard -ne 'the end' } 'the listener heard of the removal'
        Wait-For { (Get-Job).Id -notcontains $job.Id } 'the job was gone for good'
        $listener.Heard | Should -Be 'the end, and the job was removed meanwhile'
    }

    It 'is stopped by Stop-Job as by Ctrl+C: nothing half-written, the large file kept, the socket gone' {
        [IO.File]::WriteAllBytes("$folder/large", [Security.Cryptography.RandomNumberGenerator]::GetBytes(24MB))
        $job = Receive-FileZeroCopy ./in -UnixSocket ./s -AsJob
        $shell = Open-Shell "Send-FileZeroCopy '$folder/large' -UnixSocket '$folder/s' -BandwidthLimit 4MB -MaximumRetryCount 0"
        Wait-For { (Get-Leftover ./in | Measure-Object Length -Sum).Sum -gt 6MB } 'some of it arrived'
        Stop-Job $job
        $job.State | Should -Be 'Stopped'
        './in/large', './s' | Should -Not -Exist
        (Close-Shell $shell).Error | Should -Not -BeNullOrEmpty
        $job = Receive-FileZeroCopy ./in -UnixSocket ./s -Count 1 -AsJob
        (Send-FileZeroCopy ./large -UnixSocket ./s).BytesResumed | Should -BeGreaterThan 0
        Get-Sha256 ./in/large | Should -Be (Get-Sha256 ./large)
    }

    It 'fails as a job where nobody comes' {
        $job = Receive-FileZeroCopy ./in -TimeoutSec 1 -AsJob | Wait-Job
        $job.State | Should -Be 'Failed'
        { Receive-Job $job -ErrorAction Stop } | Should -Throw -ErrorId 'TimedOut*'
    }

    It 'ends with the module, which names it, and with the shell' {
        $script = "`$job = Receive-FileZeroCopy '$folder/in' -UnixSocket '$folder/s' -AsJob; Remove-Module MemTools; `$job.State; Test-Path '$folder/s'"
        $end = Invoke-Shell $script
        $end.Output | Should -Match "WARNING: Removing MemTools closed the receiver 'memtools\+unix:.*'\.\s+Stopped\s+False"
        (Invoke-Shell "`$null = Receive-FileZeroCopy '$folder/in' -UnixSocket '$folder/t' -AsJob; exit 3").ExitCode | Should -Be 3
        './t' | Should -Not -Exist
    }

    It 'ends on SIG<Signal> with <ExitCode>, and leaves nothing' -ForEach @(
        @{ Signal = 'TERM'; ExitCode = 143 }, @{ Signal = 'HUP'; ExitCode = 129 }
    ) {
        $shell = Open-Shell "Receive-FileZeroCopy '$folder/in' -UnixSocket '$folder/s'"
        Wait-For { Test-Path ./s } 'it listens'
        kill "-$Signal" $shell.Process.Id
        (Close-Shell $shell).ExitCode | Should -Be $ExitCode
        './s' | Should -Not -Exist
    }

    It 'warns of a peer with another key, by its address, and goes on' {
        'one key that is long enough', 'other key that is long too' | ForEach-Object { $_ | Set-Content "./$($_.Split(' ')[0])" }
        chmod 600 ./one ./other
        $job = Receive-FileZeroCopy ./in -KeyPath ./one -AsJob
        { Send-FileZeroCopy ./a.txt $job.ConnectionString -KeyPath ./other } | Should -Throw -ErrorId 'AuthenticationFailed*'
        Wait-For { $job.Warning.Count -gt 0 } 'the warning is there'
        "$($job.Warning)" | Should -Match '^127\.0\.0\.1:\d+'
        "$($job.Warning)" | Should -Not -Match 'long'
        $null = Send-FileZeroCopy ./a.txt $job.ConnectionString -KeyPath ./one
        './in/a.txt' | Should -Exist
    }

    It 'refuses where <Why>, and says what would work' -ForEach @(
        @{ Why = 'a public address has no key'; With = @{ Address = '0.0.0.0' }; Says = '*-KeyPath*'; Id = 'Misuse*' }
        @{ Why = 'it would listen at two places'; With = @{ Port = 4711; UnixSocket = './s' }; Says = '*one place*'; Id = 'Misuse*' }
        @{ Why = 'the address is not of this host'; With = @{ Address = '127.0.0.1'; Port = 1; KeyPath = './none' }; Says = '*ENOENT*'; Id = 'NotFound*' }
        @{ Why = 'the key file is open to others'; With = @{ KeyPath = './a.txt' }; Says = '*chmod 600*'; Id = 'KeyNotUsable*' }
    ) {
        chmod 644 ./a.txt
        { Receive-FileZeroCopy ./in @With } | Should -Throw $Says -ErrorId $Id
    }

    It 'refuses a destination that is not there, and a port that another has' {
        { Receive-FileZeroCopy ./none } | Should -Throw '*create it*' -ErrorId 'NotFound*'
        { Receive-FileZeroCopy ./a.txt } | Should -Throw -ErrorId 'NotDirectory*'
        $job = Receive-FileZeroCopy ./in -AsJob
        { Receive-FileZeroCopy ./in -Port ([uri] $job.ConnectionString).Port } | Should -Throw '*-Port 0*' -ErrorId 'Busy*'
    }

    It 'listens nowhere with -WhatIf' {
        Receive-FileZeroCopy ./in -UnixSocket ./s -WhatIf | Should -BeNullOrEmpty
        './s' | Should -Not -Exist
    }

    It 'completes the addresses of this host' {
        (TabExpansion2 'Receive-FileZeroCopy x -Address 127').CompletionMatches.CompletionText | Should -Contain '127.0.0.1'
        (TabExpansion2 'Receive-FileZeroCopy x -Address ').CompletionMatches.CompletionText | Should -Contain '0.0.0.0'
    }
}

Describe 'Receive-FileZeroCopy -Socket' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder -ItemType Directory
        Push-Location $folder
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
        $server = $listener.AcceptTcpClient()
        $listener.Stop()
        $client.GetStream().Write([Text.Encoding]::UTF8.GetBytes('0123456789'), 0, 10)
    }

    AfterEach {
        $client, $server | ForEach-Object Dispose
        Pop-Location
    }

    It 'makes a file of all that comes, to the end of the stream' {
        $client.Client.Shutdown('Send')
        $got = Receive-FileZeroCopy -Socket $server -Path ./got
        $got.Status, $got.Method, $got.Length, $got.Destination | Should -Be 'Received', 'Splice', 10, "$folder/got"
        Get-Content ./got | Should -BeExactly '0123456789'
        { Receive-FileZeroCopy -Socket $server -Path ./got -NoClobber } | Should -Throw -ErrorId 'AlreadyExists*'
    }

    It 'ends after -Length, and leaves the rest in the connection' {
        $null = Receive-FileZeroCopy -Socket $server -Path ./got -Length 4
        Get-Content ./got | Should -BeExactly '0123'
        $client.Client.Shutdown('Send')
        [IO.StreamReader]::new($server.GetStream()).ReadToEnd() | Should -BeExactly '456789'
    }

    It 'leaves no file where the peer goes silent or the bytes do not come to their end' {
        { Receive-FileZeroCopy -Socket $server -Path ./got -IdleTimeoutSec 1 } | Should -Throw -ErrorId 'TimedOut*'
        Get-ChildItem -Force | Should -BeNullOrEmpty
    }

    It 'refuses a key, a directory, and what is no connection' {
        { Receive-FileZeroCopy -Socket $server -Path ./got -KeyPath ./key } | Should -Throw '*-KeyPath*raw bytes*' -ErrorId 'Misuse*'
        { Receive-FileZeroCopy -Socket $server -Path . } | Should -Throw '*name a file*' -ErrorId 'IsDirectory*'
        { Receive-FileZeroCopy -Socket 'x' -Path ./got } | Should -Throw '*NetworkStream*' -ErrorId 'Misuse*'
    }
}
