# Compare-ZeroCopyMethod: rows, targets, the state of the page cache, misuse, and what scripts do with the results.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $methods = 'ReadWrite', 'Mmap', 'Sendfile', 'Splice', 'CopyFileRange', 'DirectIO', 'Reflink'
    $length = 3000017
}

Describe 'Compare-ZeroCopyMethod' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder -ItemType Directory
        Push-Location $folder
        $bytes = [byte[]]::new($length)
        [Random]::new(1).NextBytes($bytes)
        [IO.File]::WriteAllBytes("$folder/source", $bytes)
    }

    AfterEach { Pop-Location }

    Context 'rows' {
        It 'has one for each method, over a socket where nothing else is said' {
            $rows = Compare-ZeroCopyMethod source -Count 2
            $rows.Method | Should -Be $methods
            $rows.Target | Select-Object -Unique | Should -BeExactly Socket
            $rows.Source | Select-Object -Unique | Should -BeExactly "$folder/source"
            $measured = $rows | Where-Object Status -EQ Measured
            $measured.Method | Should -Be 'ReadWrite', 'Mmap', 'Sendfile', 'Splice'
            foreach ($row in $measured) {
                $row.Length, $row.Runs | Should -Be $length, 2
                $row.ModeSwitches | Should -Be (2 * $row.SystemCalls)
                $row.BytesPerSecond | Should -BeGreaterThan 0
                $row.DiffersBecause | Should -Contain 'No DMA copy to a device: lo hands the packets to the receiver in memory.'
            }
        }

        It 'says of a method that is not possible why, and fails no command' {
            $row = Compare-ZeroCopyMethod source -ToSocket -Method Reflink -ErrorAction Stop
            $row.Status, $row.ErrorName | Should -Be 'NotPossible', 'EINVAL'
            $row.Reason | Should -BeExactly 'Reflink is not possible here: it copies from file to file, and a socket is none.'
            $row.BytesPerSecond | Should -BeNullOrEmpty
            $row.SystemCalls | Should -BeNullOrEmpty
        }

        It 'sets the published figures beside the measured ones' {
            $rows = Compare-ZeroCopyMethod source -Count 1 -Method ReadWrite, Mmap, Sendfile, Splice
            $rows | ForEach-Object { '{0}/{1}/{2}' -f $_.TextbookCpuCopies, $_.TextbookDmaCopies, $_.TextbookModeSwitches } |
                Should -Be '2/2/4', '1/2/4', '0/2/2', '0/2/4'
            $rows.ModeSwitchesPerRound | Should -Be 4, 8, 2, 4
        }

        It 'runs the methods that are named, once each, in that order' {
            (Compare-ZeroCopyMethod source -ToNull -Count 1 -Method Splice, Sendfile, Splice).Method | Should -Be 'Splice', 'Sendfile'
        }
    }

    Context 'targets' {
        It 'copies to a scratch file beside a destination, and leaves nothing there' {
            Set-Content mine 'mine'
            $rows = Compare-ZeroCopyMethod source mine -Count 1
            $rows.Target | Select-Object -Unique | Should -BeExactly File
            $rows.Destination | Select-Object -Unique | Should -BeExactly $folder
            Get-Content mine | Should -BeExactly 'mine'
            (Get-ChildItem -Force).Name | Should -BeExactly 'mine', 'source'
            ($rows | Where-Object Method -EQ ReadWrite).DestinationCachedBytes | Should -Be $length
        }

        It 'copies to /dev/null' {
            $row = Compare-ZeroCopyMethod source -ToNull -Count 1 -Method Sendfile
            $row.Destination | Should -BeExactly /dev/null
            $row.DiffersBecause | Should -Contain 'No copy out of the page cache at all: /dev/null looks at no byte.'
        }

        It 'says how much a cold source was dropped' {
            $row = Compare-ZeroCopyMethod source -ToNull -Cache Cold -Count 1 -Method ReadWrite
            $row.Cache | Should -BeExactly Cold
            $row.SourceBytesDropped + $row.SourceCachedBytesBefore | Should -Be $length
            Get-FileHash source | Should -Not -BeNullOrEmpty
        }
    }

    Context 'input' {
        It 'compares each file of a wildcard and of the pipeline by itself' {
            Copy-Item source second
            (Compare-ZeroCopyMethod s* -ToNull -Count 1 -Method Sendfile).Source | Should -Be "$folder/second", "$folder/source"
            (Get-Item source, second | Compare-ZeroCopyMethod -ToNull -Count 1 -Method Sendfile).Source |
                Should -Be "$folder/source", "$folder/second"
        }

        It 'takes a name with wildcard characters by -LiteralPath' {
            Copy-Item source -Destination "$folder/tmp"; [IO.File]::Move("$folder/tmp", "$folder/a[1]")
            (Compare-ZeroCopyMethod -LiteralPath 'a[1]' -ToNull -Count 1 -Method Sendfile).Source | Should -BeExactly "$folder/a[1]"
        }

        It 'reports what cannot be compared, and compares the rest' {
            $null = New-Item empty
            $rows = Compare-ZeroCopyMethod missing, ., empty, source -ToNull -Count 1 -Method Sendfile -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId | ForEach-Object { ($_ -split ',')[0] } | Should -Be 'NotFound', 'IsDirectory', 'Misuse'
            $rows.Source | Should -BeExactly "$folder/source"
        }
    }

    Context 'misuse' {
        It 'ends with an error for <Words>' -ForEach @(
            @{ Words = '-ToNull -ToSocket'; Id = 'Misuse' }
            @{ Words = '-Destination . -ToNull'; Id = 'Misuse' }
            @{ Words = '-ToNull -Interface lo'; Id = 'Misuse' }
            @{ Words = '-Interface no-such-if'; Id = 'NotFound' }
            @{ Words = '-Destination /no/such/folder/file'; Id = 'NotFound' }
            @{ Words = '-Destination Env:/HOME'; Id = 'Misuse' }
            @{ Words = '-Count 0'; Id = 'ParameterArgumentValidationError' }
            @{ Words = '-Method Auto'; Id = 'CannotConvertArgumentNoMessage' }
        ) {
            { & ([scriptblock]::Create("Compare-ZeroCopyMethod source $Words")) } | Should -Throw -ErrorId "$Id,*"
        }
    }

    Context 'results' {
        It 'keep their values through <_>' -ForEach 'ConvertTo-Json', 'Export-Csv', 'Start-Job' {
            $module = Get-ModuleUnderTest
            $through = $_
            $work = { Compare-ZeroCopyMethod "$folder/source" -ToNull -Count 1 -Method Mmap, Reflink }
            $rows = & $work
            $back = switch ($through) {
                'ConvertTo-Json' { $rows | ConvertTo-Json -Depth 3 | ConvertFrom-Json }
                'Export-Csv' { $rows | ConvertTo-Csv | ConvertFrom-Csv }
                'Start-Job' {
                    Start-Job {
                        Import-Module $using:module
                        Compare-ZeroCopyMethod "$using:folder/source" -ToNull -Count 1 -Method Mmap, Reflink
                    } | Receive-AndRemove
                }
            }
            # A job measures anew: how many calls it takes depends on how fast they are.
            $counted = $through -eq 'Start-Job' ? @() : @('SystemCalls', 'ModeSwitches')
            foreach ($name in @('Method', 'Status', 'ErrorName', 'Reason', 'Length', 'TextbookCpuCopies') + $counted) {
                [string[]] $back.$name | Should -Be ([string[]] $rows.$name)
            }
            [long] $back[0].SystemCalls | Should -BeGreaterThan 0
            $back[1].SystemCalls | Should -BeNullOrEmpty
            "$($back[0].DiffersBecause)" | Should -Match '^4 calls a round, not 2'
            [double] $back[0].BytesPerSecond | Should -BeGreaterThan 0
            # Text made of a number has fewer digits where PowerShell makes it than in a file.
            if ($through -ne 'Start-Job') {
                [double] $back[0].BytesPerSecond | Should -Be $rows[0].BytesPerSecond
            }
        }

        It 'show a table with bars that fits 80 columns' {
            $text = Compare-ZeroCopyMethod source -Count 1 | Out-String -Width 80
            $lines = $text -split "`n"
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
            $text | Should -Match 'Method\s+Rate\s+Relative\s+CPU s/GiB\s+Calls\s+Switches\s+Textbook\s+Spread'
            $text | Should -Match 'Sendfile .*[█▏▎▍▌▋▊▉].* 2/round 0/2/2'
            # The heading is broken where the folder's name is long.
            $text -replace '\r?\n' | Should -Match "Comparison: $([regex]::Escape("$folder/source")), 2.9 MiB, warm source, to TCP over lo"
        }

        It 'show the reasons and the memory in views of their own' {
            $rows = Compare-ZeroCopyMethod source -Count 1
            $rows | Format-Table -View Why | Out-String -Width 80 | Should -Match 'Mmap\s+4 calls a round, not 2'
            $rows | Format-Table -View Memory | Out-String -Width 80 | Should -Match 'Minor faults\s+Major\s+Peak memory'
        }
    }

    Context 'a stop' {
        It 'ends it at once on SIGTERM, and leaves nothing in the destination' {
            $shell = Open-Shell "Compare-ZeroCopyMethod '$folder/source' '$folder' -Count 10000"
            Wait-For { (Get-ChildItem "/proc/$($shell.Process.Id)/fd" -ErrorAction Ignore).Target -contains "$folder/source" } 'the comparison runs'
            kill -TERM $shell.Process.Id
            (Close-Shell $shell).ExitCode | Should -Be 143
            (Get-ChildItem $folder -Force).Name | Should -BeExactly 'source'
        }
    }
}
