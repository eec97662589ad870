# What Send-FileZeroCopy does, as its users see it. The receiver is a job in the same shell, unless a test wants two shells.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $noSocat = Get-Lack socat
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest

    function Open-Pair {
        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $client = [Net.Sockets.TcpClient]::new('127.0.0.1', $listener.LocalEndpoint.Port)
        $server = $listener.AcceptTcpClient()
        $listener.Stop()
        $client, $server
    }

    function Get-Rest($Client) {
        $memory = [IO.MemoryStream]::new()
        $Client.GetStream().CopyTo($memory)
        , $memory.ToArray()
    }
}

Describe 'Send-FileZeroCopy' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder/in, $folder/src/dir -ItemType Directory
        Set-Content $folder/src/a.txt 'the content'
        Set-Content $folder/src/dir/b.txt 'more'
        Push-Location $folder
        $noKey = $env:MEMTOOLS_KEY
        $env:MEMTOOLS_KEY = $null
    }

    AfterEach {
        $env:MEMTOOLS_KEY = $noKey
        Get-Job | Where-Object PSJobTypeName -EQ FileReceiveJob | Remove-Job -Force
        Pop-Location
    }

    It 'sends files to where -ConnectionString, -ComputerName and -UnixSocket say' {
        $job = Receive-FileZeroCopy ./in -AsJob
        $port = ([uri] $job.ConnectionString).Port
        $sent = Send-FileZeroCopy ./src/a.txt $job.ConnectionString
        $sent.Status, $sent.Source, $sent.Destination, $sent.Peer | Should -Be 'Sent', "$folder/src/a.txt", 'a.txt', "127.0.0.1:$port"
        $sent.Hash | Should -BeExactly (Get-Sha256 ./in/a.txt)
        (Send-FileZeroCopy ./src/dir/b.txt -ComputerName localhost -Port $port).Destination | Should -BeExactly 'b.txt'
        $other = Receive-FileZeroCopy ./in -UnixSocket ./it.socket -AsJob
        $other.ConnectionString | Should -Match '^memtools\+unix:///.*it\.socket'
        (Send-FileZeroCopy ./src/a.txt -UnixSocket ./it.socket).Replacement | Should -Be 'Renamed'
        Get-Content ./in/a.txt, ./in/b.txt | Should -Be 'the content', 'more'
    }

    It 'sends trees with -Recurse, and what a pipeline brings together' {
        $job = Receive-FileZeroCopy ./in -AsJob
        $items = Send-FileZeroCopy ./src $job.ConnectionString -Recurse -Exclude dir/
        @($items | Where-Object ItemType -EQ File).Destination | Should -Be 'src/a.txt'
        Get-ChildItem ./src -File -Recurse | Send-FileZeroCopy -ConnectionString $job.ConnectionString | Should -HaveCount 2
        $null = New-Item ./link -ItemType SymbolicLink -Value ./src/a.txt
        $null = Send-FileZeroCopy ./link $job.ConnectionString
        (Get-Item ./in/link).LinkType | Should -BeNullOrEmpty
        (Get-ChildItem ./in -Recurse -File).Name | Sort-Object | Should -Be 'a.txt', 'a.txt', 'b.txt', 'link'
        Get-Leftover ./in | Should -BeNullOrEmpty
    }

    It 'moves the bytes with -Method <_>' -ForEach Sendfile, Splice, Mmap, ReadWrite {
        [IO.File]::WriteAllBytes("$folder/large", [Security.Cryptography.RandomNumberGenerator]::GetBytes(3MB + 17))
        $job = Receive-FileZeroCopy ./in -AsJob
        $sent = Send-FileZeroCopy ./large $job.ConnectionString -Method $_
        $sent.Method | Should -Be $_
        Get-Sha256 ./in/large | Should -Be (Get-Sha256 ./large)
    }

    It 'sends a large file over several connections' {
        [IO.File]::WriteAllBytes("$folder/large", [Security.Cryptography.RandomNumberGenerator]::GetBytes(9MB + 17))
        $job = Receive-FileZeroCopy ./in -AsJob
        $null = Send-FileZeroCopy ./large $job.ConnectionString -ConnectionCount 3
        Get-Sha256 ./in/large | Should -Be (Get-Sha256 ./large)
    }

    It 'takes a key from -Key, -KeyPath and MEMTOOLS_KEY, and says nothing of it' {
        $secret = "secret-$([guid]::NewGuid())"
        Set-Content ./key $secret
        chmod 600 ./key
        $job = Receive-FileZeroCopy ./in -KeyPath ./key -AsJob
        $job.ConnectionString | Should -Match 'key=yes'
        $key = ConvertTo-SecureString $secret -AsPlainText
        $said = & {
            Send-FileZeroCopy ./src/a.txt $job.ConnectionString -Key $key -Verbose
            $env:MEMTOOLS_KEY = $secret
            Send-FileZeroCopy ./src/dir/b.txt $job.ConnectionString -Verbose
            $job | Format-List *
        } *>&1
        'in/a.txt', 'in/b.txt' | Should -Exist
        $said | Out-String -Width 500 | Should -Not -Match $secret
        $said | ConvertTo-Json -Depth 3 -WarningAction Ignore | Should -Not -Match $secret
    }

    It 'is refused with another key or none, and others do not notice' {
        'one key that is long enough', 'other key that is long too' | ForEach-Object { $_ | Set-Content "./$($_.Split(' ')[0])" }
        chmod 600 ./one ./other
        $job = Receive-FileZeroCopy ./in -KeyPath ./one -AsJob
        { Send-FileZeroCopy ./src/a.txt $job.ConnectionString -KeyPath ./other } | Should -Throw -ErrorId 'AuthenticationFailed*'
        { Send-FileZeroCopy ./src/a.txt $job.ConnectionString } | Should -Throw '*-KeyPath*' -ErrorId 'AuthenticationFailed*'
        './in/a.txt' | Should -Not -Exist
        (Send-FileZeroCopy ./src/a.txt $job.ConnectionString -KeyPath ./one).Status | Should -Be 'Sent'
    }

    It 'refuses keys that are short, and files of keys that others can read' {
        Set-Content ./open 'a key that is long enough'
        chmod 644 ./open
        { Send-FileZeroCopy ./src/a.txt memtools://127.0.0.1:9 -KeyPath ./open } | Should -Throw '*chmod 600*' -ErrorId 'KeyNotUsable*'
        $short = ConvertTo-SecureString 'short' -AsPlainText
        { Send-FileZeroCopy ./src/a.txt memtools://127.0.0.1:9 -Key $short } | Should -Throw -ErrorId 'KeyNotUsable*'
        { Send-FileZeroCopy ./src/a.txt memtools://127.0.0.1:9 -Key $short -KeyPath ./open } | Should -Throw -ErrorId 'Misuse*'
    }

    It 'makes an error of each item that cannot be sent, and sends the others' {
        $job = Receive-FileZeroCopy ./in -MaximumSize 1KB -AsJob
        [IO.File]::WriteAllBytes("$folder/large", [byte[]]::new(2KB))
        $sent = Send-FileZeroCopy ./none, ./src, ./large, ./src/a.txt $job.ConnectionString -ErrorVariable failed -ErrorAction SilentlyContinue
        $sent.Destination | Should -Be 'a.txt'
        $failed.FullyQualifiedErrorId -replace ',.*' | Sort-Object | Should -Be 'IsDirectory', 'LimitExceeded', 'NotFound'
        "$($failed | Where-Object FullyQualifiedErrorId -Like IsDirectory*)" | Should -Match '-Recurse'
    }

    It 'says what would work where <Why>' -ForEach @(
        @{ Why = 'nothing can be compared'; With = @{ Verify = 'Compare' }; Says = '*Sha256*'; Id = 'Misuse*' }
        @{ Why = 'a method is for files'; With = @{ Method = 'Reflink' }; Says = '*Sendfile, Splice, Mmap and ReadWrite*'; Id = 'Misuse*' }
        @{ Why = 'a filter has no tree'; With = @{ Include = '*.txt' }; Says = '*-Recurse*'; Id = 'Misuse*' }
        @{ Why = 'owners mean nothing there'; With = @{ Preserve = 'Ownership' }; Says = '*Mode, Timestamps and Xattr*'; Id = 'Misuse*' }
        @{ Why = 'nobody listens'; With = @{ ConnectTimeoutSec = 1 }; Says = '*cannot be reached*'; Id = 'Unreachable*' }
    ) {
        { Send-FileZeroCopy ./src/a.txt memtools://127.0.0.1:9/ @With } | Should -Throw $Says -ErrorId $Id
    }

    It 'refuses what is no connection string, and nothing to send' {
        { Send-FileZeroCopy ./src/a.txt 127.0.0.1:9 } | Should -Throw '*memtools://*' -ErrorId 'Misuse*'
        { Send-FileZeroCopy -ConnectionString memtools://127.0.0.1:9 } | Should -Throw '*-LiteralPath*' -ErrorId 'Misuse*'
    }

    It 'connects to nobody with -WhatIf' {
        Send-FileZeroCopy ./src memtools://127.0.0.1:9 -Recurse -WhatIf | Should -BeNullOrEmpty
    }

    It 'survives ConvertTo-Json, Export-Csv and Start-Job' {
        $job = Receive-FileZeroCopy ./in -AsJob
        $sent = Send-FileZeroCopy ./src/a.txt $job.ConnectionString
        ($sent | ConvertTo-Json | ConvertFrom-Json).Peer | Should -Be $sent.Peer
        ($sent | ConvertTo-Csv | ConvertFrom-Csv).Hash | Should -Be $sent.Hash
        $module = Get-ModuleUnderTest
        $target = $job.ConnectionString
        $back = Start-Job { Import-Module $using:module; Send-FileZeroCopy $using:folder/src/a.txt $using:target } | Receive-AndRemove
        $back.Status, $back.Hash | Should -Be 'Sent', $sent.Hash
    }

    It 'ends on SIG<Signal> with <ExitCode>, and the next run goes on' -ForEach @(
        @{ Signal = 'TERM'; ExitCode = 143 }, @{ Signal = 'HUP'; ExitCode = 129 }
    ) {
        [IO.File]::WriteAllBytes("$folder/large", [Security.Cryptography.RandomNumberGenerator]::GetBytes(24MB))
        $job = Receive-FileZeroCopy ./in -AsJob
        $shell = Open-Shell "Send-FileZeroCopy '$folder/large' '$($job.ConnectionString)' -BandwidthLimit 4MB"
        Wait-For { (Get-Leftover ./in | Measure-Object Length -Sum).Sum -gt 6MB } 'some of it arrived'
        kill "-$Signal" $shell.Process.Id
        (Close-Shell $shell).ExitCode | Should -Be $ExitCode
        './in/large' | Should -Not -Exist
        $sent = Send-FileZeroCopy ./large $job.ConnectionString
        $sent.BytesResumed | Should -BeGreaterThan 0
        Get-Sha256 ./in/large | Should -Be (Get-Sha256 ./large)
        Get-Leftover ./in | Should -BeNullOrEmpty
    }
}

Describe 'Send-FileZeroCopy -Socket' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder -ItemType Directory
        [IO.File]::WriteAllText("$folder/one", '0123456789')
        [IO.File]::WriteAllText("$folder/two", 'abc')
        Push-Location $folder
        $client, $server = Open-Pair
    }

    AfterEach {
        $client, $server | ForEach-Object Dispose
        Pop-Location
    }

    It 'sends raw bytes, one file after the other, and tells the peer that this was all' {
        $sent = Send-FileZeroCopy ./one, ./two -Socket $client
        "$($sent.Status) $($sent.Method)" | Should -Be 'Sent Sent Sendfile Sendfile'
        [Text.Encoding]::UTF8.GetString((Get-Rest $server)) | Should -BeExactly '0123456789abc'
    }

    It 'takes <Kind>' -ForEach @(
        @{ Kind = 'a Socket'; Get = { $client.Client } }, @{ Kind = 'a NetworkStream'; Get = { $client.GetStream() } }
        @{ Kind = 'a SafeHandle'; Get = { $client.Client.SafeHandle } }
    ) {
        $null = Send-FileZeroCopy ./one -Socket (& $Get) -Offset 3 -Length 4
        [Text.Encoding]::UTF8.GetString((Get-Rest $server)) | Should -BeExactly '3456'
    }

    It 'leaves the connection open with -KeepOpen, and as blocking as it was' {
        $null = Send-FileZeroCopy ./two -Socket $client -KeepOpen
        $client.GetStream().Write([byte[]] (1, 2), 0, 2)
        $client.Client.Blocking | Should -BeTrue
        $client.Close()
        (Get-Rest $server).Count | Should -Be 5
    }

    It 'refuses what needs the protocol, and what is no connection' {
        { Send-FileZeroCopy ./one -Socket $client -Recurse } | Should -Throw '*-Recurse*raw bytes*' -ErrorId 'Misuse*'
        { Send-FileZeroCopy ./one -Socket $client -Verify Sha256 } | Should -Throw '*-Verify*raw bytes*' -ErrorId 'Misuse*'
        { Send-FileZeroCopy ./one -Socket 5 } | Should -Throw '*TcpClient*' -ErrorId 'Misuse*'
        { Send-FileZeroCopy ./one -Socket ([Net.Sockets.TcpClient]::new()) } | Should -Throw '*connected*' -ErrorId 'Misuse*'
    }

    It 'ends with an error, and not the shell, where the peer is gone' {
        [IO.File]::WriteAllBytes("$folder/large", [byte[]]::new(8MB))
        $server.Client.LingerState = [Net.Sockets.LingerOption]::new($true, 0)
        $server.Close()
        { Send-FileZeroCopy ./large, ./large -Socket $client } | Should -Throw -ErrorId 'Disconnected*'
    }

    It 'talks to socat' -Skip:([bool] $noSocat) {
        $socat = Open-Process 'socat', '-u', "UNIX-LISTEN:$folder/s", "CREATE:$folder/got"
        $socket = [Net.Sockets.Socket]::new('Unix', 'Stream', 'Unspecified')
        # Its name is there a moment before it listens.
        Wait-For { try { $socket.Connect([Net.Sockets.UnixDomainSocketEndPoint]::new("$folder/s")) } catch { $null = $_ }; $socket.Connected } 'socat listens'
        $null = Send-FileZeroCopy ./one -Socket $socket
        $socket.Dispose()
        (Close-Shell $socat).ExitCode | Should -Be 0
        Get-Content ./got | Should -BeExactly '0123456789'
    }
}
