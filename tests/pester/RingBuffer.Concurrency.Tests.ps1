# Rings between threads and processes, as users of PowerShell have them: parallel runspaces, thread jobs, two shells.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $module = Get-ModuleUnderTest
    $import = [scriptblock]::Create("Import-Module '$module'")
    $soak = $env:MEMTOOLS_SOAK -eq '1'
}

Describe 'An object ring' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'hands each object of parallel runspaces to one of several consumers' {
        $count = $soak ? 20000 : 1000
        $ring = New-RingBuffer -Kind Object -Capacity 64
        $consumers = 1..2 | ForEach-Object { Start-ThreadJob -InitializationScript $import { Read-RingBuffer $using:ring -Wait } }
        1..3 | ForEach-Object -ThrottleLimit 3 -Parallel {
            Import-Module $using:module
            $producer = $_
            1..$using:count | ForEach-Object { "$producer $_" } | Write-RingBuffer $using:ring
        }
        Complete-RingBuffer $ring
        $parts = $consumers | ForEach-Object { , @($_ | Receive-AndRemove) }
        $all = $parts | ForEach-Object { $_ }
        $all.Count | Should -Be (3 * $count)
        @($all | Select-Object -Unique).Count | Should -Be (3 * $count)
        # What one producer wrote each consumer gets in that order.
        foreach ($part in $parts) {
            foreach ($producer in 1..3) {
                [int[]] $numbers = $part -like "$producer *" -replace '^\d '
                ($numbers -join ' ') | Should -BeExactly (($numbers | Sort-Object) -join ' ')
            }
        }
    }

    It 'made for one writer finds two out' {
        $ring = New-RingBuffer -Kind Object -Concurrency SingleProducer -Capacity 2
        $waiting = Start-ThreadJob -InitializationScript $import { 1..3 | Write-RingBuffer $using:ring }
        Wait-For { $ring.WriteStalls -gt 0 } 'the first writer waits'
        # Each write that waits is a call of its own: the writer's side is free between its looks.
        # Whether it has written the third before the reader has taken the second is chance.
        $first = @(Read-RingBuffer $ring)
        $waiting | Receive-AndRemove
        $first[0, 1] | Should -Be 1, 2
        $first + @(Read-RingBuffer $ring) | Should -Be 1, 2, 3
    }
}

Describe 'A byte ring' {
    AfterEach {
        Get-RingBuffer | Where-Object { $_ -is [MemTools.Rings.RingBuffer] } | Remove-RingBuffer
    }

    It 'may be written by one thread after another' {
        $ring = New-RingBuffer
        1..4 | ForEach-Object -ThrottleLimit 1 -Parallel { Import-Module $using:module; Write-RingBuffer $using:ring "line $_" }
        Read-RingBuffer $ring -Line | Should -Be 'line 1', 'line 2', 'line 3', 'line 4'
    }

    It 'refuses two writers at the same time' {
        $ring = New-RingBuffer -Capacity 1
        $waiting = Start-ThreadJob -InitializationScript $import { Write-RingBuffer $using:ring ('x' * 100KB) }
        Wait-For { $ring.WriteStalls -gt 0 } 'the first writer waits'
        Write-RingBuffer $ring 'y' -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeExactly 'OverlappingUse,MemTools.Commands.WriteRingBufferCommand'
        $failed.TargetObject | Should -Be 'y'
        Remove-RingBuffer $ring
        $waiting | Wait-Job | Remove-Job
    }

    It 'carries a file between two threads, straight from and to descriptors' {
        $source = Join-Path $TestDrive 'source'
        $null = Copy-FileZeroCopy /dev/urandom $source -Length ($soak ? 1GB : 16MB)
        $ring = New-RingBuffer -Capacity 256KB
        $writer = Start-ThreadJob -InitializationScript $import { Write-RingBuffer $using:ring -FromPath $using:source; Complete-RingBuffer $using:ring }
        $result = Read-RingBuffer $ring -ToPath (Join-Path $TestDrive 'copy') -Wait
        ($writer | Receive-AndRemove).BytesTransferred | Should -Be (Get-Item $source).Length
        $result.Status | Should -Be 'EndOfData'
        Get-Sha256 (Join-Path $TestDrive 'copy') | Should -Be (Get-Sha256 $source)
    }
}

Describe 'A shared ring' {
    It 'carries bytes between two shells' {
        $name = "shells-$([guid]::NewGuid().ToString('N'))"
        $source = Join-Path $TestDrive 'from'
        $copy = Join-Path $TestDrive 'to'
        $null = Copy-FileZeroCopy /dev/urandom $source -Length ($soak ? 1GB : 64MB)
        $reader = Open-Shell "`$r = New-RingBuffer -Name $name; (Read-RingBuffer `$r -ToPath '$copy' -Wait).BytesTransferred"
        $writer = Open-Shell "`$r = Connect-RingBuffer $name -TimeoutSec 300; (Write-RingBuffer `$r -FromPath '$source').Status; Complete-RingBuffer `$r"
        (Close-Shell $writer).Output | Should -BeExactly 'EndOfData'
        (Close-Shell $reader).Output | Should -BeExactly "$((Get-Item $source).Length)"
        Get-Sha256 $copy | Should -Be (Get-Sha256 $source)
    }

    It 'outlives a killed writer, whose place another takes' {
        $name = "killed-$([guid]::NewGuid().ToString('N'))"
        $ring = New-RingBuffer -Name $name -Capacity 4096 -Record
        $victim = Open-Shell "`$r = Connect-RingBuffer $name; `$i = 0; while (`$true) { Write-RingBuffer `$r `"record `$i`"; `$i++ }"
        $got = [Collections.Generic.List[string]]::new()
        Wait-For { foreach ($record in Read-RingBuffer $ring -AsString) { $got.Add($record) }; $got.Count -ge 100 } 'a hundred records are there'
        kill -KILL $victim.Process.Id
        $null = $victim.Process.WaitForExit(300000)
        Read-RingBuffer $ring -AsString -Wait -ErrorVariable failed -ErrorAction SilentlyContinue | ForEach-Object { $got.Add($_) }
        $failed.FullyQualifiedErrorId | Should -BeExactly 'PeerDied,MemTools.Commands.ReadRingBufferCommand'
        $wrong = foreach ($i in 0..($got.Count - 1)) { if ($got[$i] -cne "record $i") { $i } }
        $wrong | Should -BeNullOrEmpty
        'another' | Write-RingBuffer $ring
        Read-RingBuffer $ring -AsString | Should -Be 'another'
        Remove-RingBuffer $ring
    }
}
