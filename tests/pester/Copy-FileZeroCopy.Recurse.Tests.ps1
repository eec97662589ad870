# What Copy-FileZeroCopy -Recurse does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    # Source and destination as they are named, and what is made before. Copy-Item is asked the same.
    $shapes = @(
        @{ Shape = 'a new destination'; Source = 'src'; Destination = 'dst' }
        @{ Shape = 'an existing destination'; Source = 'src'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'an existing destination with a slash'; Source = 'src'; Destination = 'dst/'; Make = 'dst' }
        @{ Shape = 'a source with a slash'; Source = 'src/'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'a new destination below new parents'; Source = 'src'; Destination = 'one/two/dst' }
        @{ Shape = 'a destination that holds a copy'; Source = 'src'; Destination = 'dst'; Make = 'dst/src/dir' }
        @{ Shape = 'a wildcard into a directory'; Source = 'src/*'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'a wildcard that names one directory'; Source = 'sr?'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'several sources'; Source = 'src', 'other'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'a file'; Source = 'src/a.txt'; Destination = 'dst'; Make = 'dst' }
        @{ Shape = 'a file under a new name'; Source = 'src/a.txt'; Destination = 'b.txt' }
    )
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $lists = { param($Root) Push-Location $Root; Get-ChildItem . -Recurse -Force -Name | Sort-Object; Pop-Location }
}

Describe 'Copy-FileZeroCopy -Recurse' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder/src/dir/deep, $folder/src/empty, $folder/other -ItemType Directory
        Set-Content $folder/src/a.txt 'the content'
        Set-Content $folder/src/dir/b.log 'more'
        Set-Content $folder/src/dir/deep/c.txt 'even more'
        Set-Content $folder/other/d.txt 'something else'
        Push-Location $folder
    }

    AfterEach { Pop-Location }

    It 'nests as Copy-Item does: <Shape>' -ForEach $shapes {
        $trees = foreach ($command in 'Copy-Item', 'Copy-FileZeroCopy') {
            $null = New-Item $command -ItemType Directory
            Copy-Item src, other $command -Recurse
            Push-Location $command
            if ($Make) { $null = New-Item $Make -ItemType Directory }
            # Copy-Item complains of directories that are there, and goes on.
            $null = & $command -Path $Source -Destination $Destination -Recurse -ErrorAction Ignore
            Pop-Location
            (& $lists $command) -join "`n"
        }
        $trees[1] | Should -BeExactly $trees[0]
        diff -r Copy-Item Copy-FileZeroCopy | Should -BeNullOrEmpty
    }

    It 'emits one result an item, directories too' {
        $results = Copy-FileZeroCopy src dst -Recurse
        $results | Should -HaveCount 7
        ($results | Group-Object ItemType | Sort-Object Name | ForEach-Object Count) | Should -Be 4, 3
        ($results | Where-Object Source -EQ "$folder/src").Replacement | Should -BeExactly 'New'
        ($results | Where-Object Source -EQ "$folder/src").Destination | Should -BeExactly "$folder/dst"
        $null = New-Item into/dir -ItemType Directory
        $again = Copy-FileZeroCopy src/dir into -Recurse
        ($again | Where-Object Source -EQ "$folder/src/dir").Replacement | Should -BeExactly 'Merged'
    }

    It 'takes names that look like wildcards, and the pipeline' {
        $null = New-Item 'x[1]' -ItemType Directory
        Set-Content -LiteralPath 'x[1]/f' 'text'
        $null = New-Item into -ItemType Directory
        $null = Copy-FileZeroCopy -LiteralPath 'x[1]' into -Recurse
        Test-Path -LiteralPath 'into/x[1]/f' | Should -BeTrue
        $null = Get-ChildItem src | Copy-FileZeroCopy -Destination into -Recurse
        'into/a.txt', 'into/dir/deep/c.txt', 'into/empty' | Should -Exist
    }

    It 'chooses with <Parameters.Keys>' -ForEach @(
        @{ Parameters = @{ Include = '*.txt' }; Copied = 'a.txt', 'dir/deep/c.txt' }
        @{ Parameters = @{ Include = 'dir/**' }; Copied = 'dir/b.log', 'dir/deep/c.txt' }
        @{ Parameters = @{ Exclude = 'deep/', '*.TXT' }; Copied = 'dir/b.log' }
        @{ Parameters = @{ MinimumSize = 10; MaximumSize = 10 }; Copied = 'dir/deep/c.txt' }
        @{ Parameters = @{ MinimumSize = 12 }; Copied = 'a.txt' }
        @{ Parameters = @{ MaximumSize = 5 }; Copied = 'dir/b.log' }
        @{ Parameters = @{ ModifiedAfter = '2001-02-03' }; Copied = 'a.txt', 'dir/deep/c.txt' }
        @{ Parameters = @{ ModifiedBefore = '2001-02-04' }; Copied = 'dir/b.log' }
    ) {
        (Get-Item src/dir/b.log).LastWriteTime = '2001-02-03'
        $null = Copy-FileZeroCopy src dst -Recurse @Parameters
        Push-Location dst
        Get-ChildItem . -Recurse -File -Name | Sort-Object | Should -BeExactly $Copied
        Pop-Location
    }

    It 'keeps, follows or leaves out links' {
        $null = New-Item src/link -ItemType SymbolicLink -Target a.txt
        $null = Copy-FileZeroCopy src kept -Recurse
        (Get-Item kept/link).LinkTarget | Should -BeExactly 'a.txt'
        $null = Copy-FileZeroCopy src followed -Recurse -Symlink Follow
        (Get-Item followed/link).LinkTarget | Should -BeNullOrEmpty
        Get-Content followed/link | Should -BeExactly 'the content'
        $null = Copy-FileZeroCopy src without -Recurse -Symlink Skip
        'without/link' | Should -Not -Exist
        'without/a.txt' | Should -Exist
    }

    It 'leaves a FIFO out with a warning, or makes it again' {
        mkfifo src/fifo
        $null = Copy-FileZeroCopy src without -Recurse -WarningVariable warnings -WarningAction SilentlyContinue
        "$warnings" | Should -Match "src/fifo' is a FIFO and was left out"
        'without/fifo' | Should -Not -Exist
        $made = Copy-FileZeroCopy src with -Recurse -SpecialFile Recreate | Where-Object ItemType -EQ Fifo
        $made.Destination | Should -BeExactly "$folder/with/fifo"
        stat -c %F with/fifo | Should -BeExactly 'fifo'
    }

    It 'names with -WhatIf every item and makes none' {
        $said = (Invoke-Shell "Copy-FileZeroCopy '$folder/src' '$folder/dst' -Recurse -Exclude empty -WhatIf").Output
        foreach ($name in 'a.txt', 'dir', 'dir/b.log', 'dir/deep', 'dir/deep/c.txt') {
            $said | Should -Match ([regex]::Escape("$folder/src/$name Destination: $folder/dst/$name`""))
        }
        $said | Should -Not -Match 'empty'
        'dst' | Should -Not -Exist
        Copy-FileZeroCopy src dst -Recurse -WhatIf | Should -BeNullOrEmpty
    }

    It 'makes one error of each item that cannot be copied, and copies the rest' {
        $null = New-Item dst/src/a.txt, dst/src/dir/b.log -ItemType Directory
        $results = Copy-FileZeroCopy src dst -Recurse -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed | Should -HaveCount 2
        $failed.FullyQualifiedErrorId | ForEach-Object { $_ | Should -Match '^IsDirectory,' }
        $failed.TargetObject | Sort-Object | Should -BeExactly "$folder/src/a.txt", "$folder/src/dir/b.log"
        @($results | Where-Object ItemType -EQ File).Destination | Should -BeExactly "$folder/dst/src/dir/deep/c.txt"
    }

    It 'refuses <Case>' -ForEach @(
        @{ Case = 'a tree into itself'; Script = { Copy-FileZeroCopy src src/dir -Recurse -ErrorAction Stop }; Id = 'Misuse,*' }
        @{ Case = 'a tree onto itself'; Script = { Copy-FileZeroCopy src . -Recurse -ErrorAction Stop }; Id = 'SameFile,*' }
        @{ Case = 'a tree over a file'; Script = { Copy-FileZeroCopy src other/d.txt -Recurse -ErrorAction Stop }; Id = 'NotDirectory,*' }
        @{ Case = 'a part of a tree'; Script = { Copy-FileZeroCopy src dst -Recurse -Length 5 }; Id = 'Misuse,*' }
        @{ Case = 'filters without -Recurse'; Script = { Copy-FileZeroCopy src/a.txt dst -Include x }; Id = 'Misuse,*' }
        @{ Case = 'a tree without -Recurse'; Script = { Copy-FileZeroCopy src dst -ErrorAction Stop }; Id = 'IsDirectory,*' }
        @{ Case = 'a pattern that is none'; Script = { Copy-FileZeroCopy src dst -Recurse -Include '[' }; Id = 'Misuse,*' }
        @{ Case = 'sizes that exclude each other'; Script = { Copy-FileZeroCopy src dst -Recurse -MinimumSize 2 -MaximumSize 1 }; Id = 'Misuse,*' }
        @{ Case = 'a second tree for a new destination'; Script = { Copy-FileZeroCopy src, other dst -Recurse -ErrorAction Stop }; Id = 'WouldOverwrite,*' }
    ) {
        $Script | Should -Throw -ErrorId $Id
    }

    It 'gives results that survive ConvertTo-Json, Export-Csv and Start-Job' {
        $results = Copy-FileZeroCopy src dst -Recurse
        $file = $results | Where-Object Source -Like *b.log
        ($file | ConvertTo-Json | ConvertFrom-Json).Length | Should -Be 5
        ($results | ConvertTo-Csv | ConvertFrom-Csv).ItemType | Should -Be $results.ItemType
        $module = Get-ModuleUnderTest
        $back = Start-Job { Import-Module $using:module; Copy-FileZeroCopy $using:folder/src $using:folder/again -Recurse } |
            Receive-AndRemove
        $back | Should -HaveCount 7
        ($back | Where-Object Source -Like *b.log).Length | Should -Be 5
        $back[0].Elapsed | Should -BeOfType timespan
    }

    It 'shows directories and links by what they are' {
        $null = New-Item src/link -ItemType SymbolicLink -Target a.txt
        $table = Copy-FileZeroCopy src dst -Recurse | Out-String -Width 200
        $table | Should -Match '(?m)^Directory .*dst/dir'
        $table | Should -Match '(?m)^SymbolicLink .*dst/link'
    }

    It 'completes <Line>' -ForEach @(
        @{ Line = 'Copy-FileZeroCopy a b -Recurse -Symlink '; Expected = 'Follow', 'Preserve', 'Skip' }
        @{ Line = 'Copy-FileZeroCopy a b -Recurse -SpecialFile '; Expected = 'Recreate', 'Skip' }
        @{ Line = 'Copy-FileZeroCopy a b -Recu'; Expected = '-Recurse' }
        @{ Line = 'Copy-FileZeroCopy a b -Modified'; Expected = '-ModifiedAfter', '-ModifiedBefore' }
    ) {
        (TabExpansion2 $Line $Line.Length).CompletionMatches.CompletionText | Sort-Object | Should -BeExactly $Expected
    }

    Context 'in memory' {
        BeforeAll {
            $shared = Get-PublicFolder ((Test-Path /dev/shm) ? '/dev/shm' : [IO.Path]::GetTempPath())
            $null = New-Item $shared/many -ItemType Directory
            1..40 | ForEach-Object { [IO.File]::WriteAllBytes("$shared/many/$_", [byte[]]::new(1MB)) }
            # One command that goes on until somebody stops it, or for as long as is asked.
            $endless = {
                param($Module, $Folder, $Seconds)
                Import-Module $Module
                $watch = [Diagnostics.Stopwatch]::StartNew()
                & { while ($watch.Elapsed.TotalSeconds -lt $Seconds) { "$Folder/many" } } |
                    Copy-FileZeroCopy -Destination $Folder/copied -Recurse -ThrottleLimit 2 | Out-Null
            }
        }

        BeforeEach { $null = New-Item $shared/copied -ItemType Directory }

        AfterEach { Remove-Item $shared/copied -Recurse }

        AfterAll { Remove-Item $shared -Recurse }

        It 'shows progress' {
            $shell = [powershell]::Create()
            $null = $shell.AddScript($endless).AddArgument((Get-ModuleUnderTest)).AddArgument($shared).AddArgument(3)
            try {
                $null = $shell.Invoke()
                $all = @($shell.Streams.Progress | Where-Object Activity -EQ 'Copying files')
                $all.Count | Should -BeGreaterThan 1
                $all[0].StatusDescription | Should -Match '\d.*/s'
                $all[-1].RecordType | Should -Be 'Completed'
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'ends on PowerShell.Stop(), which Ctrl+C calls, and leaves no unfinished file' {
            $shell = [powershell]::Create()
            $null = $shell.AddScript($endless).AddArgument((Get-ModuleUnderTest)).AddArgument($shared).AddArgument(600)
            try {
                $running = $shell.BeginInvoke()
                Wait-For { Test-Path $shared/copied/many/* } 'the copy has begun'
                $shell.Stop()
                { $shell.EndInvoke($running) } | Should -Throw
                $shell.InvocationStateInfo.State | Should -Be 'Stopped'
                Get-Leftover $shared/copied/many | Should -BeNullOrEmpty
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'ends on SIGTERM with 143, and leaves no unfinished file' {
            $shell = Open-Shell "& { $endless } '$(Get-ModuleUnderTest)' $shared 600"
            Wait-For { Test-Path $shared/copied/many/* } 'the copy has begun'
            kill -s TERM $shell.Process.Id
            (Close-Shell $shell).ExitCode | Should -Be 143
            Get-Leftover $shared/copied/many | Should -BeNullOrEmpty
        }
    }
}
