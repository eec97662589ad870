# What Copy-FileZeroCopy does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $root = (id -u) -eq '0'
    $noTerminal = Get-Lack script
    $noLimit = Get-Lack prlimit
    # An unprivileged user: root is another user by setpriv, anyone else is one already.
    $noUser = $root ? (Get-Lack setpriv) : $null
    $notRoot = $root ? $noUser : 'needs root, to make a file of another owner'
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $asNobody = (id -u) -eq '0' ? @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent') : @()

    # A writer that sends some bytes into a FIFO and then holds it open: a copy from it never ends by itself.
    function Open-SlowSource([string] $Fifo) {
        mkfifo $Fifo
        Open-Process 'bash', '-c', 'exec 3>"$0"; head -c 100000 /dev/zero >&3; exec sleep 3600', $Fifo
    }

    function Close-Source($Source) {
        $Source.Process.Kill($true)
        $Source.Process.WaitForExit()
    }
}

Describe 'Copy-FileZeroCopy' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder -ItemType Directory
        Push-Location $folder
        Set-Content source.txt 'the content'
    }

    AfterEach { Pop-Location }

    Context 'sources' {
        It 'copies one file and returns one result' {
            $result = Copy-FileZeroCopy source.txt copy.txt
            $result | Should -HaveCount 1
            $result.Source | Should -BeExactly "$folder/source.txt"
            $result.Destination | Should -BeExactly "$folder/copy.txt"
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'resolves wildcards in -Path' {
            Set-Content a.log, b.log, c.txt 'x'
            $null = New-Item target -ItemType Directory
            (Copy-FileZeroCopy *.log target).Destination | Should -BeExactly "$folder/target/a.log", "$folder/target/b.log"
            (Get-ChildItem target).Name | Should -BeExactly 'a.log', 'b.log'
        }

        It 'takes several paths, and goes on after one that is not there' {
            Set-Content second.txt 'second'
            $null = New-Item target -ItemType Directory
            $results = Copy-FileZeroCopy source.txt, missing.txt, second.txt target -ErrorVariable failed -ErrorAction SilentlyContinue
            $results.Source | Should -BeExactly "$folder/source.txt", "$folder/second.txt"
            $failed | Should -HaveCount 1
        }

        It 'copies nothing, without an error, where a pattern matches nothing' {
            Copy-FileZeroCopy *.nothing copy.txt -ErrorAction Stop | Should -BeNullOrEmpty
            'copy.txt' | Should -Not -Exist
        }

        It 'takes FileInfo objects from the pipeline, whatever their names' {
            $names = 'with [brackets].txt', "with`nnewline.txt", '-dash.txt', 'back`tick.txt', ' space ', "quote'.txt"
            $names | ForEach-Object { [IO.File]::WriteAllText("$folder/$_", "content of $_") }
            $null = New-Item target -ItemType Directory
            $results = Get-ChildItem -File | Copy-FileZeroCopy -Destination target -ErrorAction Stop
            $results | Should -HaveCount ($names.Count + 1)
            foreach ($name in $names) {
                [IO.File]::ReadAllText("$folder/target/$name") | Should -BeExactly "content of $name"
            }
        }

        It 'takes strings from the pipeline' {
            Set-Content second.txt 'second'
            $null = New-Item target -ItemType Directory
            ('source.txt', "$folder/second.txt" | Copy-FileZeroCopy -Destination target).Source |
                Should -BeExactly "$folder/source.txt", "$folder/second.txt"
        }

        It 'takes an object with a property PSPath from the pipeline, as another shell sent it' {
            Set-Content -LiteralPath 'odd[1].txt' 'odd'
            $sent = [System.Management.Automation.PSSerializer]::Deserialize(
                [System.Management.Automation.PSSerializer]::Serialize((Get-Item -LiteralPath 'odd[1].txt')))
            $null = $sent | Copy-FileZeroCopy -Destination copy.txt
            Get-Content copy.txt | Should -BeExactly 'odd'
        }

        It 'takes lines that Get-Content read as the paths that they are' {
            Set-Content list.txt "$folder/source.txt"
            $null = Get-Content list.txt | Copy-FileZeroCopy -Destination copy.txt
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'takes several files as one argument, and as one object of the pipeline' {
            [IO.File]::WriteAllText("$folder/odd[2].txt", 'odd')
            $null = New-Item one, two -ItemType Directory
            $files = @((Get-Item source.txt), (Get-Item -LiteralPath 'odd[2].txt'))
            Copy-FileZeroCopy -Path $files -Destination one | Should -HaveCount 2
            , $files | Copy-FileZeroCopy -Destination two | Should -HaveCount 2
        }

        It 'refuses an empty path among others, and copies the others' {
            $null = New-Item target -ItemType Directory
            $results = Copy-FileZeroCopy '', source.txt target -ErrorVariable failed -ErrorAction SilentlyContinue
            $results | Should -HaveCount 1
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'Misuse,*'
        }

        It 'takes -LiteralPath as it stands' {
            Set-Content -LiteralPath 'log[1].txt' 'literal'
            Set-Content log1.txt 'wildcard'
            $null = Copy-FileZeroCopy -LiteralPath 'log[1].txt' literal.txt
            $null = Copy-FileZeroCopy -Path 'log[1].txt' wildcard.txt
            Get-Content literal.txt | Should -BeExactly 'literal'
            Get-Content wildcard.txt | Should -BeExactly 'wildcard'
        }

        It 'resolves relative paths from the current location, not from the working directory of the process' {
            $null = New-Item inner -ItemType Directory
            Set-Location inner
            (Copy-FileZeroCopy ../source.txt ./copy.txt).Destination | Should -BeExactly "$folder/inner/copy.txt"
        }

        It 'resolves ~ to the home directory' {
            $name = ".memtools-test-$([guid]::NewGuid().ToString('N'))"
            try {
                $null = Copy-FileZeroCopy source.txt "~/$name" -ErrorAction Stop
                Get-Content "$HOME/$name" | Should -BeExactly 'the content'
            }
            finally {
                Remove-Item "$HOME/$name" -ErrorAction Ignore
            }
        }

        It 'takes paths of file system drives on both sides' {
            $null = New-PSDrive Test1 FileSystem $folder
            try {
                $result = Copy-FileZeroCopy Test1:/source.txt Test1:/copy.txt
                $result.Source, $result.Destination | Should -BeExactly "$folder/source.txt", "$folder/copy.txt"
                (Copy-FileZeroCopy Test1:/s*.txt Test1:/copy2.txt).Source | Should -BeExactly "$folder/source.txt"
            }
            finally {
                Remove-PSDrive Test1
            }
        }

        It 'takes paths with the provider named: <Prefix>' -ForEach @(
            @{ Prefix = 'FileSystem::' }, @{ Prefix = 'Microsoft.PowerShell.Core\FileSystem::' }
        ) {
            (Copy-FileZeroCopy "$Prefix$folder/source.txt" "$Prefix$folder/copy.txt").Destination | Should -BeExactly "$folder/copy.txt"
        }

        It 'refuses a path of another provider with one clear error' {
            Copy-FileZeroCopy Env:PATH copy.txt -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'Misuse,*'
            "$($failed[0])" | Should -BeLike "*'Env:PATH' belongs to the provider Environment*"
        }

        It 'takes / for the root of the file system in a drive of another provider too, as Get-Item does' {
            Push-Location Env:
            try {
                (Get-Item "$folder/source.txt").FullName | Should -BeExactly "$folder/source.txt"
                $null = Copy-FileZeroCopy "$folder/source.txt" "$folder/copy.txt" -ErrorAction Stop
                { Copy-FileZeroCopy PATH "$folder/path.txt" -ErrorAction Stop } | Should -Throw -ErrorId 'Misuse,*'
                { Copy-FileZeroCopy "$folder/source.txt" copy.txt } | Should -Throw -ErrorId 'Misuse,*'
            }
            finally {
                Pop-Location
            }
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'reports a drive that is not there as NotFound' {
            Copy-FileZeroCopy NoSuchDrive:/x copy.txt -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        }

        It 'follows a source that is a symbolic link' {
            $null = New-Item link.txt -ItemType SymbolicLink -Target source.txt
            $null = Copy-FileZeroCopy link.txt copy.txt
            (Get-Item copy.txt).LinkType | Should -BeNullOrEmpty
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'reads files of /proc to their end' {
            $result = Copy-FileZeroCopy /proc/cpuinfo cpuinfo
            $result.Length | Should -Be (Get-Item cpuinfo).Length
            Get-Content cpuinfo | Where-Object { $_ -match '^processor' } |
                Should -HaveCount @(Get-Content /proc/cpuinfo | Where-Object { $_ -match '^processor' }).Count
        }
    }

    Context 'destinations' {
        It 'puts a copy of the source''s name into a directory: <Destination>' -ForEach @(
            @{ Destination = 'target' }, @{ Destination = 'target/' }, @{ Destination = './target/.' }
        ) {
            $null = New-Item target -ItemType Directory
            Copy-FileZeroCopy source.txt $Destination -ErrorAction Stop
            Get-Content target/source.txt | Should -BeExactly 'the content'
        }

        It 'replaces an existing file and says so' {
            Set-Content copy.txt 'something longer than the new content'
            (Copy-FileZeroCopy source.txt copy.txt).Replacement | Should -BeExactly 'Renamed'
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'says New where nothing was there' {
            (Copy-FileZeroCopy source.txt copy.txt).Replacement | Should -BeExactly 'New'
        }

        It 'refuses <Destination>: <Id>' -ForEach @(
            @{ Destination = 'missing/copy.txt'; Id = 'NotFound'; Category = 'ObjectNotFound' }
            @{ Destination = 'missing/'; Id = 'NotFound'; Category = 'ObjectNotFound' }
            @{ Destination = 'source.txt/'; Id = 'NotDirectory'; Category = 'InvalidType' }
            @{ Destination = 'source.txt/copy.txt'; Id = 'NotDirectory'; Category = 'InvalidType' }
            @{ Destination = 'source.txt'; Id = 'SameFile'; Category = 'InvalidOperation' }
            @{ Destination = '.'; Id = 'SameFile'; Category = 'InvalidOperation' }
        ) {
            Copy-FileZeroCopy source.txt $Destination -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeExactly "$Id,MemTools.Commands.CopyFileZeroCopyCommand"
            $failed[0].CategoryInfo.Category | Should -Be $Category
            $failed[0].TargetObject | Should -BeExactly "$folder/source.txt"
            Get-Content source.txt | Should -BeExactly 'the content'
            (Get-ChildItem -Force).Name | Should -BeExactly 'source.txt'
        }

        It 'says in the error that -Force creates a missing directory, and -Force does: <Destination>' -ForEach @(
            @{ Destination = 'a/b/copy.txt'; File = 'a/b/copy.txt' }
            @{ Destination = 'a/b/'; File = 'a/b/source.txt' }
        ) {
            { Copy-FileZeroCopy source.txt $Destination -ErrorAction Stop } | Should -Throw '*-Force creates it*'
            $null = Copy-FileZeroCopy source.txt $Destination -Force -ErrorAction Stop
            Get-Content $File | Should -BeExactly 'the content'
        }

        It 'refuses to replace a read-only file without -Force' {
            Set-Content copy.txt 'old'
            chmod 444 copy.txt
            { Copy-FileZeroCopy source.txt copy.txt -ErrorAction Stop } |
                Should -Throw '*read-only*-Force*' -ErrorId 'ReadOnly,*'
            Get-Content copy.txt | Should -BeExactly 'old'
            $null = Copy-FileZeroCopy source.txt copy.txt -Force -ErrorAction Stop
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'refuses to let a directory be replaced by a file' {
            $null = New-Item target/source.txt -ItemType Directory
            { Copy-FileZeroCopy source.txt target -ErrorAction Stop } | Should -Throw -ErrorId 'IsDirectory,*'
        }

        It 'refuses a folder as source' {
            $null = New-Item inner -ItemType Directory
            { Copy-FileZeroCopy inner copy -ErrorAction Stop } | Should -Throw '*only files are copied*' -ErrorId 'IsDirectory,*'
        }

        It 'refuses to overwrite what the same command has just written' {
            Set-Content second.txt 'second'
            Copy-FileZeroCopy source.txt, second.txt copy.txt -ErrorVariable failed -ErrorAction SilentlyContinue |
                Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'WouldOverwrite,*'
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'ends at once, before any copy, where the destination is no file system path: <Destination>' -ForEach @(
            @{ Destination = 'Env:copy' }, @{ Destination = 'NoSuchDrive:/copy' }, @{ Destination = 'NoSuchProvider::x' }
        ) {
            { 'source.txt', 'source.txt' | Copy-FileZeroCopy -Destination $Destination -ErrorAction SilentlyContinue } |
                Should -Throw -ErrorId 'Misuse,*'
        }

        It 'names the same file through a hard link and a symbolic link' {
            $null = New-Item hard.txt -ItemType HardLink -Target source.txt
            $null = New-Item soft.txt -ItemType SymbolicLink -Target source.txt
            { Copy-FileZeroCopy source.txt hard.txt -ErrorAction Stop } | Should -Throw -ErrorId 'SameFile,*'
            { Copy-FileZeroCopy source.txt soft.txt -ErrorAction Stop } | Should -Throw -ErrorId 'SameFile,*'
            Get-Content source.txt | Should -BeExactly 'the content'
        }
    }

    Context 'options' {
        It 'copies with -Method <_> and says so' -ForEach 'CopyFileRange', 'Sendfile', 'Splice', 'Mmap', 'ReadWrite' {
            [IO.File]::WriteAllBytes("$folder/source.bin", [byte[]](1..255 * 1000))
            $result = Copy-FileZeroCopy source.bin copy.bin -Method $_ -ErrorAction Stop
            $result.Method | Should -BeExactly $_
            $result.Refused | Should -BeNullOrEmpty
            Get-Sha256 copy.bin | Should -BeExactly (Get-Sha256 source.bin)
        }

        It 'copies or refuses with -Method <_>, and never takes another' -ForEach 'Reflink', 'DirectIO' {
            [IO.File]::WriteAllBytes("$folder/source.bin", [byte[]](1..255 * 1000))
            $result = Copy-FileZeroCopy source.bin copy.bin -Method $_ -ErrorVariable failed -ErrorAction SilentlyContinue
            if ($result) {
                $result.Method | Should -BeExactly $_
                Get-Sha256 copy.bin | Should -BeExactly (Get-Sha256 source.bin)
            }
            else {
                $failed[0].FullyQualifiedErrorId | Should -BeLike 'MethodNotPossible,*'
                "$($failed[0])" | Should -Match "^$_ cannot copy .*Methods that would work: .*ReadWrite"
                'copy.bin' | Should -Not -Exist
            }
        }

        It 'refuses a method that cannot copy a file of /proc, with the errno' {
            { Copy-FileZeroCopy /proc/cpuinfo copy -Method CopyFileRange -ErrorAction Stop } |
                Should -Throw '*copy_file_range: EINVAL*' -ErrorId 'MethodNotPossible,*'
        }

        It 'takes a range with -Offset and -Length' {
            Set-Content digits.txt '0123456789' -NoNewline
            (Copy-FileZeroCopy digits.txt part.txt -Offset 3 -Length 4).Length | Should -Be 4
            Get-Content part.txt -Raw | Should -BeExactly '3456'
            (Copy-FileZeroCopy digits.txt rest.txt -Offset 8).Length | Should -Be 2
            (Copy-FileZeroCopy digits.txt most.txt -Length 99).Length | Should -Be 10
            (Copy-FileZeroCopy digits.txt none.txt -Length 0).Length | Should -Be 0
            Get-Content rest.txt -Raw | Should -BeExactly '89'
        }

        It 'reads a device up to -Length' {
            (Copy-FileZeroCopy /dev/urandom random.bin -Length 300000).Length | Should -Be 300000
            (Get-Item random.bin).Length | Should -Be 300000
        }

        It 'refuses an -Offset past the end' {
            { Copy-FileZeroCopy source.txt copy.txt -Offset 100 -ErrorAction Stop } | Should -Throw -ErrorId 'Misuse,*'
        }

        It 'refuses negative -<_>' -ForEach 'Offset', 'Length' {
            $range = @{ $_ = -1 }
            { Copy-FileZeroCopy source.txt copy.txt @range } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
        }

        It 'leaves an existing file alone with -NoClobber' {
            Set-Content copy.txt 'old'
            { Copy-FileZeroCopy source.txt copy.txt -NoClobber -ErrorAction Stop } | Should -Throw -ErrorId 'AlreadyExists,*'
            Get-Content copy.txt | Should -BeExactly 'old'
            $null = Copy-FileZeroCopy source.txt new.txt -NoClobber -ErrorAction Stop
        }

        It 'keeps the inode with -InPlace, and takes a new one without' {
            Set-Content copy.txt 'old, and longer than the new content'
            $inode = stat -c %i copy.txt
            (Copy-FileZeroCopy source.txt copy.txt -InPlace).Replacement | Should -BeExactly 'InPlace'
            stat -c %i copy.txt | Should -BeExactly $inode
            Get-Content copy.txt | Should -BeExactly 'the content'
            $null = Copy-FileZeroCopy source.txt copy.txt
            stat -c %i copy.txt | Should -Not -BeExactly $inode
        }

        It 'writes a file with several links in place, and refuses with -RequireAtomic' {
            Set-Content copy.txt 'old'
            $null = New-Item other.txt -ItemType HardLink -Target copy.txt
            { Copy-FileZeroCopy source.txt copy.txt -RequireAtomic -ErrorAction Stop } |
                Should -Throw '*hard links*' -ErrorId 'NotAtomic,*'
            Get-Content copy.txt | Should -BeExactly 'old'
            (Copy-FileZeroCopy source.txt copy.txt).Replacement | Should -BeExactly 'InPlace'
            Get-Content other.txt | Should -BeExactly 'the content'
        }

        It 'keeps mode and times by default, and neither with -Preserve None' {
            chmod 640 source.txt
            (Get-Item source.txt).LastWriteTimeUtc = [datetime]'2001-02-03 04:05:06'
            $null = Copy-FileZeroCopy source.txt kept.txt
            $null = Copy-FileZeroCopy source.txt plain.txt -Preserve None
            stat -c '%a %Y' kept.txt | Should -BeExactly (stat -c '%a %Y' source.txt)
            stat -c %Y plain.txt | Should -Not -BeExactly (stat -c %Y source.txt)
        }

        It 'takes several -Preserve items: mode alone, links as links' {
            chmod 604 source.txt
            (Get-Item source.txt).LastWriteTimeUtc = [datetime]'2001-02-03 04:05:06'
            $null = New-Item twin.txt -ItemType HardLink -Target source.txt
            $null = New-Item target -ItemType Directory
            $results = Copy-FileZeroCopy source.txt, twin.txt target -Preserve Mode, HardLinks
            $results.Status | Should -BeExactly 'Copied', 'Linked'
            stat -c '%a %h' target/twin.txt | Should -BeExactly '604 2'
            stat -c %i target/twin.txt | Should -BeExactly (stat -c %i target/source.txt)
            stat -c %Y target/source.txt | Should -Not -BeExactly (stat -c %Y source.txt)
        }

        It 'keeps holes, fills them with -Sparse Never, makes them with -Sparse Always' {
            truncate -s 8M holes.bin
            Set-Content tail.txt 'end'
            bash -c 'cat tail.txt >> holes.bin'
            $null = Copy-FileZeroCopy holes.bin kept.bin
            (Copy-FileZeroCopy holes.bin filled.bin -Sparse Never).BytesTransferred | Should -Be (Get-Item holes.bin).Length
            $null = Copy-FileZeroCopy filled.bin again.bin -Sparse Always
            $blocks = 'kept.bin', 'filled.bin', 'again.bin' | ForEach-Object { [long](stat -c %b $_) * 512 }
            $blocks[0] | Should -BeLessThan 1MB
            $blocks[1] | Should -BeGreaterOrEqual 8MB
            $blocks[2] | Should -BeLessThan 1MB
            Get-Sha256 again.bin | Should -BeExactly (Get-Sha256 holes.bin)
        }

        It 'returns the SHA-256 with -Verify Sha256, and nothing without' {
            (Copy-FileZeroCopy source.txt copy.txt -Verify Sha256).Hash | Should -BeExactly (Get-Sha256 source.txt)
            (Copy-FileZeroCopy source.txt copy.txt -Verify Compare).Hash | Should -BeNullOrEmpty
            (Copy-FileZeroCopy source.txt copy.txt).Hash | Should -BeNullOrEmpty
        }

        It 'copies with -Flush, -CachePolicy Drop and -RequireStable' {
            $null = Copy-FileZeroCopy source.txt copy.txt -Flush -CachePolicy Drop -RequireStable -ErrorAction Stop
            Get-Content copy.txt | Should -BeExactly 'the content'
        }

        It 'refuses contradictions in a sentence: <Text>' -ForEach @(
            @{ Options = @{ InPlace = $true; RequireAtomic = $true }; Text = '-InPlace and -RequireAtomic contradict each other' }
            @{ Options = @{ InPlace = $true; NoClobber = $true }; Text = '-InPlace and -NoClobber contradict each other' }
            @{ Options = @{ Sparse = 'Always'; Method = 'Mmap' }; Text = '-Sparse Always has to look at the bytes' }
            @{ Options = @{ Sparse = 'Never'; Method = 'Reflink' }; Text = '-Sparse Never cannot be promised with Reflink' }
        ) {
            { Copy-FileZeroCopy source.txt copy.txt @Options -ErrorAction SilentlyContinue } |
                Should -Throw "$Text*" -ErrorId 'Misuse,*'
            'copy.txt' | Should -Not -Exist
        }
    }

    Context 'what PowerShell promises of every command' {
        It 'copies nothing with -WhatIf' {
            Copy-FileZeroCopy source.txt a/copy.txt -Force -WhatIf | Should -BeNullOrEmpty
            'a' | Should -Not -Exist
        }

        It 'copies with -Confirm:$false' {
            Copy-FileZeroCopy source.txt copy.txt -Confirm:$false | Should -HaveCount 1
        }

        It 'honours $WhatIfPreference' {
            $WhatIfPreference = $true
            Copy-FileZeroCopy source.txt copy.txt | Should -BeNullOrEmpty
            $WhatIfPreference = $false
            'copy.txt' | Should -Not -Exist
        }

        It 'makes an error with id, category, target and a message that names call, errno and path' {
            Copy-FileZeroCopy missing.txt copy.txt -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed | Should -HaveCount 1
            $failed[0].FullyQualifiedErrorId | Should -BeExactly 'NotFound,MemTools.Commands.CopyFileZeroCopyCommand'
            $failed[0].CategoryInfo.Category | Should -Be 'ObjectNotFound'
            $failed[0].TargetObject | Should -BeExactly "$folder/missing.txt"
            "$($failed[0])" | Should -BeExactly "openat: ENOENT on '$folder/missing.txt': No such file or directory."
            $failed[0].Exception.Kind | Should -Be 'NotFound'
            $failed[0].Exception.ErrorName | Should -BeExactly 'ENOENT'
        }

        It 'ends at the first error with -ErrorAction Stop' {
            { Copy-FileZeroCopy missing.txt, source.txt copy.txt -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*'
            'copy.txt' | Should -Not -Exist
        }

        It 'tells with -Verbose which methods were passed over and why' {
            $lines = Copy-FileZeroCopy /proc/cpuinfo copy -Verbose 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] }
            "$lines" | Should -Match '/proc/cpuinfo: Reflink was passed over: .*E[A-Z]+'
        }

        It 'says nothing beside its results without -Verbose' {
            Copy-FileZeroCopy /proc/cpuinfo copy *>&1 | ForEach-Object GetType | Should -Be ([MemTools.Transfer.FileTransferResult])
        }

        It 'completes the values of -<Parameter>' -ForEach @(
            @{ Parameter = 'Method'; Values = 'Auto', 'CopyFileRange', 'DirectIO', 'Mmap', 'ReadWrite', 'Reflink', 'Sendfile', 'Splice' }
            @{ Parameter = 'Sparse'; Values = 'Always', 'Auto', 'Never' }
            @{ Parameter = 'Verify'; Values = 'Compare', 'None', 'Sha256' }
            @{ Parameter = 'CachePolicy'; Values = 'Drop', 'Keep' }
            @{ Parameter = 'Preserve'; Values = 'Acl', 'All', 'HardLinks', 'Mode', 'None', 'Ownership', 'Timestamps', 'Xattr' }
        ) {
            $line = "Copy-FileZeroCopy -$Parameter "
            (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Sort-Object | Should -Be $Values
        }

        It 'works in many runspaces at once, into one folder' {
            1..40 | ForEach-Object { Set-Content "many$_.txt" "content $_" }
            $module = Get-ModuleUnderTest
            $results = Get-ChildItem many*.txt | ForEach-Object -ThrottleLimit 8 -Parallel {
                Import-Module $using:module
                Copy-FileZeroCopy -LiteralPath $_.FullName "$using:folder/parallel/" -Force -ErrorAction Stop
            }
            $results | Should -HaveCount 40
            1..40 | ForEach-Object { Get-Content "parallel/many$_.txt" | Should -BeExactly "content $_" }
            Get-Leftover parallel | Should -BeNullOrEmpty
        }
    }

    Context 'results' {
        BeforeEach { $result = Copy-FileZeroCopy /proc/cpuinfo copy -Verify Sha256 }

        It 'is typed as declared' {
            $result | Should -BeOfType MemTools.Transfer.FileTransferResult
            (Get-Command Copy-FileZeroCopy).OutputType.Type | Should -Be ([MemTools.Transfer.FileTransferResult])
        }

        It 'has <Name> as <Type>' -ForEach @(
            'Source', 'Destination', 'Status', 'Method', 'Replacement', 'Hash' | ForEach-Object { @{ Name = $_; Type = [string] } }
            'Length', 'BytesTransferred', 'SystemCalls', 'ModeSwitches', 'VoluntarySwitches', 'InvoluntarySwitches',
            'MinorFaults', 'MajorFaults' | ForEach-Object { @{ Name = $_; Type = [long] } }
            'Elapsed', 'UserTime', 'KernelTime' | ForEach-Object { @{ Name = $_; Type = [timespan] } }
            @{ Name = 'BytesPerSecond'; Type = [double] }
            @{ Name = 'SourceChanged'; Type = [bool] }
        ) {
            , $result.$Name | Should -BeOfType $Type
        }

        It 'counts two mode switches a call, and at least one call' {
            $result.SystemCalls | Should -BeGreaterThan 0
            $result.ModeSwitches | Should -Be (2 * $result.SystemCalls)
            $result.Elapsed | Should -BeGreaterThan ([timespan]::Zero)
        }

        It 'names what was refused: method, call, errno and reason' {
            $refusal = $result.Refused | Where-Object Method -EQ 'CopyFileRange'
            $refusal.Call | Should -BeExactly 'copy_file_range'
            $refusal.ErrorName | Should -BeExactly 'EINVAL'
            $refusal.Reason | Should -Not -BeNullOrEmpty
        }

        It 'survives ConvertTo-Json' {
            $back = $result | ConvertTo-Json -Depth 4 | ConvertFrom-Json
            foreach ($name in 'Source', 'Destination', 'Status', 'Length', 'BytesTransferred', 'Method', 'Replacement', 'SystemCalls', 'Hash') {
                $back.$name | Should -BeExactly $result.$name
            }
            $back.Elapsed.Ticks | Should -Be $result.Elapsed.Ticks
            $back.Refused.Method | Should -BeExactly $result.Refused.Method
            $back.Refused.ErrorName | Should -BeExactly $result.Refused.ErrorName
        }

        It 'survives Export-Csv' {
            $result | Export-Csv result.csv
            $back = Import-Csv result.csv
            foreach ($name in 'Source', 'Destination', 'Status', 'Method', 'Replacement', 'Hash') {
                $back.$name | Should -BeExactly $result.$name
            }
            [long] $back.Length | Should -Be $result.Length
            [timespan] $back.Elapsed | Should -Be $result.Elapsed
            $back.Refused | Should -BeExactly 'Reflink: EINVAL; CopyFileRange: EINVAL'
        }

        It 'survives Start-Job, with its values and its table' {
            $module = Get-ModuleUnderTest
            $back = Start-Job {
                Import-Module $using:module
                Copy-FileZeroCopy /proc/cpuinfo "$using:folder/job"
            } | Receive-AndRemove
            $back.Length | Should -BeOfType long
            $back.Length | Should -Be (Get-Item job).Length
            $back.Elapsed | Should -BeOfType timespan
            $back.Refused.Reason | Should -BeExactly $result.Refused.Reason
            $back | Out-String -Width 200 | Should -Match 'Method\s+Bytes\s+MB/s\s+Elapsed\s+Calls\s+Destination'
        }

        It 'shows as a table: method, bytes, rate, time, calls and destination' {
            truncate -s 1234567 large.bin
            $text = Copy-FileZeroCopy large.bin large.copy -Method ReadWrite -Sparse Never | Out-String -Width 200
            $text | Should -Match 'Method\s+Bytes\s+MB/s\s+Elapsed\s+Calls\s+Destination'
            $text | Should -Match 'ReadWrite +1[,.\s]?234[,.\s]?567 +[\d.,]+ +00:00:\d\d\.\d{3} +\d+ .*/large\.copy'
        }

        It 'shows the rate in millions of bytes a second' {
            truncate -s 100M large.bin
            $copied = Copy-FileZeroCopy large.bin large.copy -Method ReadWrite -Sparse Never
            $shown = [regex]::Match(($copied | Out-String -Width 200), 'ReadWrite +\S+ +(\S+)').Groups[1].Value
            $shown | Should -BeExactly ([string]::Format('{0:#,##0.0}', $copied.BytesPerSecond / 1e6))
        }
    }

    Context 'progress' {
        It 'shows bytes, rate and the part done of a large file' {
            truncate -s 1G large.bin
            $rate = (Copy-FileZeroCopy large.bin /dev/null -Method ReadWrite -Sparse Never).BytesPerSecond
            # What takes this machine two seconds.
            $size = [math]::Ceiling(2 * $rate / 1GB)
            truncate -s "${size}G" large.bin
            $shell = [powershell]::Create()
            $null = $shell.AddScript({
                param($Module, $Source)
                Import-Module $Module
                Copy-FileZeroCopy $Source /dev/null -Method ReadWrite -Sparse Never -ErrorAction Stop
            }).AddArgument((Get-ModuleUnderTest)).AddArgument("$folder/large.bin")
            try {
                $shell.Invoke().Length | Should -Be ($size * 1GB)
                $all = @($shell.Streams.Progress | Where-Object Activity -EQ 'Copying files')
                $records = @($all | Where-Object RecordType -EQ 'Processing')
                $records.Count | Should -BeGreaterThan 1
                $records[0].StatusDescription | Should -Match "^\d.* of $size\.0 GiB, .*/s, .* left$"
                $records[0].CurrentOperation | Should -BeExactly "$folder/large.bin"
                # The record that counts the finished file, where one is due, has no percentage.
                $percents = @($records.PercentComplete | Where-Object { $_ -ge 0 })
                $percents | Should -Be ($percents | Sort-Object)
                $percents[-1] | Should -BeGreaterThan $percents[0]
                $all[-1].RecordType | Should -Be 'Completed'
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'shows none for a copy that is over at once' {
            $shell = [powershell]::Create()
            $null = $shell.AddScript({
                param($Module, $Folder)
                Import-Module $Module
                Copy-FileZeroCopy "$Folder/source.txt" "$Folder/copy.txt"
            }).AddArgument((Get-ModuleUnderTest)).AddArgument($folder)
            try {
                $copied = $shell.Invoke()
                $copied | Should -HaveCount 1
                # At once: a machine with much else to do may take as long over it as progress waits for.
                if ($copied[0].Elapsed -lt '00:00:00.25') {
                    @($shell.Streams.Progress | Where-Object Activity -EQ 'Copying files') | Should -BeNullOrEmpty
                }
            }
            finally {
                $shell.Dispose()
            }
        }
    }

    Context 'being stopped' {
        It 'ends on PowerShell.Stop() in the middle of an endless device, and leaves nothing' {
            $shared = Get-PublicFolder /dev/shm
            $shell = [powershell]::Create()
            $null = $shell.AddScript({
                param($Module, $Destination)
                Import-Module $Module
                Copy-FileZeroCopy /dev/zero $Destination
            }).AddArgument((Get-ModuleUnderTest)).AddArgument("$shared/endless")
            Set-Content "$shared/endless" 'old'
            $running = $shell.BeginInvoke()
            try {
                Wait-For { Get-Leftover $shared | Where-Object Length -GT 0 } 'bytes arrived in the temporary'
                $shell.Stop()
                Get-Leftover $shared | Should -BeNullOrEmpty
                Get-Content "$shared/endless" | Should -BeExactly 'old'
                $shell.InvocationStateInfo.State | Should -Be 'Stopped'
                $running.IsCompleted | Should -BeTrue
            }
            finally {
                $shell.Dispose()
                Remove-Item $shared -Recurse
            }
        }

        It 'ends on PowerShell.Stop() while it waits for the writer of a FIFO' {
            mkfifo waiting
            $shell = [powershell]::Create()
            $null = $shell.AddScript({
                param($Module, $Folder)
                Import-Module $Module
                Copy-FileZeroCopy "$Folder/waiting" "$Folder/copy"
            }).AddArgument((Get-ModuleUnderTest)).AddArgument($folder)
            $null = $shell.BeginInvoke()
            try {
                Wait-For { "/proc/$PID/fd" | Get-ChildItem | Where-Object Target -EQ "$folder/waiting" } 'the FIFO was open'
                $shell.Stop()
                $shell.InvocationStateInfo.State | Should -Be 'Stopped'
                'copy' | Should -Not -Exist
                Get-Leftover $folder | Should -BeNullOrEmpty
            }
            finally {
                $shell.Dispose()
            }
        }

        It 'runs finally blocks, removes the temporary and ends with <ExitCode> on SIG<Signal>' -ForEach @(
            @{ Signal = 'TERM'; ExitCode = 143 }, @{ Signal = 'HUP'; ExitCode = 129 }
        ) {
            Set-Content copy 'old'
            $source = Open-SlowSource "$folder/slow"
            try {
                $shell = Open-Shell "Copy-FileZeroCopy '$folder/slow' '$folder/copy'"
                Wait-For { Get-Leftover $folder | Where-Object Length -GT 0 } 'bytes arrived in the temporary'
                kill "-$Signal" $shell.Process.Id
                (Close-Shell $shell).ExitCode | Should -Be $ExitCode
            }
            finally {
                Close-Source $source
            }
            Get-Leftover $folder | Should -BeNullOrEmpty
            Get-Content copy | Should -BeExactly 'old'
        }

        It 'ends on SIGTERM while it waits for the writer of a FIFO' {
            mkfifo waiting
            $shell = Open-Shell "Copy-FileZeroCopy '$folder/waiting' '$folder/copy'"
            Wait-For { Get-ChildItem "/proc/$($shell.Process.Id)/fd" -ErrorAction Ignore | Where-Object Target -EQ "$folder/waiting" } 'the FIFO was open'
            kill -TERM $shell.Process.Id
            (Close-Shell $shell).ExitCode | Should -Be 143
            'copy' | Should -Not -Exist
        }

        It 'ends on Ctrl+C at a terminal, and the shell lives' -Skip:([bool]$noTerminal) {
            Set-Content copy 'old'
            $source = Open-SlowSource "$folder/slow"
            try {
                $pwsh = (Get-Process -Id $PID).Path
                $command = "Remove-Module PSReadLine -ErrorAction Ignore; Import-Module '$(Get-ModuleUnderTest)'; " +
                    "Copy-FileZeroCopy '$folder/slow' '$folder/copy'; Set-Content '$folder/not-reached' x"
                $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($command))
                # Ctrl+C reaches every process of the terminal: exec, so that no shell of script's stands between and dies
                # of it; SIGINT as it is by default, since what runs the tests may ignore it, and that is inherited.
                $terminal = Open-Process 'script', '-qfec', "exec env --default-signal=INT $pwsh -NoProfile -NoLogo -NoExit -EncodedCommand $encoded", '/dev/null'
                Wait-For { Get-Leftover $folder | Where-Object Length -GT 0 } 'bytes arrived in the temporary'
                $terminal.Process.StandardInput.Write([string][char]3)
                $terminal.Process.StandardInput.Flush()
                Wait-For { -not (Get-Leftover $folder) } 'the temporary was gone'
                $terminal.Process.StandardInput.Write("exit 42`r")
                $terminal.Process.StandardInput.Flush()
                (Close-Shell $terminal).ExitCode | Should -Be 42
            }
            finally {
                Close-Source $source
            }
            Get-Content copy | Should -BeExactly 'old'
            'not-reached' | Should -Not -Exist
        }
    }

    Context 'jobs' {
        It 'ends pwsh -File with 0 after an error, and with 1 with -ErrorAction Stop' {
            Set-Content soft.ps1 "Import-Module '$(Get-ModuleUnderTest)'; Copy-FileZeroCopy ./missing ./copy"
            Set-Content hard.ps1 "Import-Module '$(Get-ModuleUnderTest)'; Copy-FileZeroCopy ./missing ./copy -ErrorAction Stop"
            $pwsh = (Get-Process -Id $PID).Path
            (Close-Shell (Open-Process $pwsh, '-NoProfile', '-File', 'soft.ps1' $folder)).ExitCode | Should -Be 0
            $hard = Close-Shell (Open-Process $pwsh, '-NoProfile', '-File', 'hard.ps1' $folder)
            $hard.ExitCode | Should -Be 1
            $hard.Error | Should -Match 'ENOENT'
        }

        It 'reports a file size limit as an error, and the shell lives' -Skip:([bool]$noLimit) {
            truncate -s 8M large.bin
            # Set on the running shell: .NET itself starts with large files in memory.
            $end = Invoke-Shell ('prlimit --pid $PID --fsize=4194304; ' +
                "Copy-FileZeroCopy '$folder/large.bin' '$folder/copy.bin' -Sparse Never -ErrorVariable failed -ErrorAction SilentlyContinue; " +
                '$failed.FullyQualifiedErrorId; "alive"')
            $end.ExitCode | Should -Be 0
            $end.Output -split '\s+' | Should -Be 'FileTooLarge,MemTools.Commands.CopyFileZeroCopyCommand', 'alive'
            'copy.bin' | Should -Not -Exist
            Get-Leftover $folder | Should -BeNullOrEmpty
        }
    }

    Context 'as a user without privilege' -Skip:([bool]$noUser) {
        BeforeAll {
            # Where any user can read it, wherever the repository is.
            $public = Get-PublicFolder
            Copy-Item (Get-ModuleUnderTest) "$public/MemTools" -Recurse
            chmod -R a+rX "$public/MemTools"
            $null = New-Item "$public/free" -ItemType Directory
            chmod 777 "$public/free"

            function Invoke-AsUser([string] $Script) {
                Invoke-Shell $Script -Before $asNobody -Module "$public/MemTools"
            }
        }

        AfterAll { Remove-Item $public -Recurse -Force }

        It 'reports a source that it may not read' {
            Set-Content "$public/secret" 'secret'
            chmod 000 "$public/secret"
            (Invoke-AsUser "try { Copy-FileZeroCopy $public/secret $public/free/copy -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId; `$_.CategoryInfo.Category; `"`$_`" }").Output |
                Should -Match "^PermissionDenied,.*\s+PermissionDenied\s+openat: EACCES on '$public/secret': Permission denied"
            "$public/free/copy" | Should -Not -Exist
        }

        It 'reports a directory that it may not write' {
            $null = New-Item "$public/closed" -ItemType Directory
            chmod 555 "$public/closed"
            (Invoke-AsUser "try { Copy-FileZeroCopy /etc/passwd $public/closed/copy -ErrorAction Stop } catch { `$_.FullyQualifiedErrorId }").Output |
                Should -BeLike 'PermissionDenied,*'
            "$public/closed/copy" | Should -Not -Exist
        }

        It 'writes in place where it may write the file but not its directory' {
            $null = New-Item "$public/fixed" -ItemType Directory
            Set-Content "$public/fixed/copy" 'old'
            chmod 666 "$public/fixed/copy"
            chmod 555 "$public/fixed"
            (Invoke-AsUser "(Copy-FileZeroCopy /etc/passwd $public/fixed/copy -Preserve None -ErrorAction Stop).Replacement").Output | Should -BeExactly 'InPlace'
            Get-Sha256 "$public/fixed/copy" | Should -BeExactly (Get-Sha256 /etc/passwd)
        }

        It 'keeps another owner by writing in place' -Skip:([bool]$notRoot) {
            Set-Content "$public/free/owned" 'old'
            chmod 666 "$public/free/owned"
            (Invoke-AsUser "(Copy-FileZeroCopy /etc/passwd $public/free/owned -Preserve None -ErrorAction Stop).Replacement").Output |
                Should -BeExactly 'InPlace'
            stat -c '%u %a' "$public/free/owned" | Should -BeExactly '0 666'
        }

        It 'warns where the owner cannot be kept, and copies all the same' {
            $end = Invoke-AsUser "`$r = Copy-FileZeroCopy /etc/passwd $public/free/warned -Preserve Ownership -WarningVariable w -WarningAction SilentlyContinue; `$r.Status; `"`$w`"; `$r.Warnings"
            $end.Output | Should -Match "^Copied\s+The owner and group could not be kept: fchown: EPERM on '$public/free/warned'\.\s+The owner and group"
        }
    }
}
