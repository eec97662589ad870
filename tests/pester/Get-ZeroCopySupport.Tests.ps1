# Get-ZeroCopySupport: what file systems, pairs and interfaces can do, at a prompt and in scripts.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    # An unprivileged user: root is another user by setpriv, anyone else is one already.
    $noUser = (id -u) -eq '0' ? (Get-Lack setpriv) : $null
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $asNobody = (id -u) -eq '0' ? @('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', 'env', 'HOME=/nonexistent') : @()
    $perPath = 'Reflink', 'CopyFileRange', 'Sendfile', 'Splice', 'DirectIO', 'SeekHole', 'Fallocate', 'NamelessFile', 'OpenAt2', 'CacheStat'
    $perPair = 'Reflink', 'CopyFileRange', 'Sendfile', 'Splice', 'DirectIO'
    $perInterface = 'ScatterGather', 'ChecksumOffload', 'TcpSegmentation'
}

Describe 'Get-ZeroCopySupport' {
    BeforeEach {
        $folder = Get-PublicFolder
    }

    AfterEach {
        Remove-Item $folder -Recurse -Force
    }

    It 'tries the current location and asks every interface where nothing is named' {
        Push-Location $folder
        try {
            $found = Get-ZeroCopySupport
        }
        finally {
            Pop-Location
        }
        ($found | Where-Object Scope -EQ FileSystem).Feature | Should -Be $perPath
        ($found | Where-Object Scope -EQ FileSystem).Target | Select-Object -Unique | Should -BeExactly $folder
        $names = (Get-ChildItem /sys/class/net | Where-Object { Test-Path "$_/address" }).Name
        ($found | Where-Object Scope -EQ Interface).Target | Select-Object -Unique | Sort-Object | Should -Be ($names | Sort-Object)
    }

    It 'leaves nothing in the directory that it tried' {
        $null = Get-ZeroCopySupport $folder -Destination $folder
        Get-ChildItem $folder -Force | Should -BeNullOrEmpty
    }

    It 'adds the destination and the pair, and no interface' {
        $found = Get-ZeroCopySupport $folder -Destination (Join-Path $folder new)
        $found | Where-Object Scope -EQ Pair | ForEach-Object Feature | Should -Be $perPair
        ($found | Where-Object Scope -EQ FileSystem).Count | Should -Be (2 * $perPath.Count)
        $found.Scope | Should -Not -Contain 'Interface'
    }

    It 'says of each feature yes with nothing missing, or why not' {
        foreach ($one in Get-ZeroCopySupport $folder) {
            if ($one.Supported) {
                $one.Reason, $one.ErrorName | Should -Be '', ''
            }
            else {
                $one.Reason | Should -Match '\.$'
            }
        }
    }

    It 'asks the interfaces named, with wildcards, and tries no path' {
        $found = Get-ZeroCopySupport -Interface l?
        $found.Target | Select-Object -Unique | Should -BeExactly lo
        $found.Feature | Should -Be $perInterface
    }

    It 'takes files from the pipeline' {
        'content' | Set-Content "$folder/file"
        $found = Get-Item "$folder/file" | Get-ZeroCopySupport
        $found.Target | Select-Object -Unique | Should -BeExactly "$folder/file"
        Get-Content "$folder/file" | Should -BeExactly 'content'
    }

    It 'takes names with wildcard characters by -LiteralPath' {
        'content' | Set-Content -LiteralPath "$folder/a[1]"
        (Get-ZeroCopySupport -LiteralPath "$folder/a[1]").Count | Should -Be $perPath.Count
    }

    It 'reports what does not exist, by what it is' {
        $null = Get-ZeroCopySupport "$folder/missing", $folder -ErrorVariable failed -ErrorAction SilentlyContinue -OutVariable found
        $failed.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $failed.TargetObject | Should -BeExactly "$folder/missing"
        $found.Count | Should -Be $perPath.Count
        $null = Get-ZeroCopySupport -Interface no-such-if -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'NotFound,*'
        $failed[0].Exception.Message | Should -BeLike '*There are: *lo*'
    }

    It 'ends with an error for a path of another provider' {
        { Get-ZeroCopySupport $folder -Destination Env:/HOME } | Should -Throw -ErrorId 'Misuse,*'
        $null = Get-ZeroCopySupport Env:/HOME -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -BeLike 'Misuse,*'
    }

    It 'says of a directory that it may not write that nothing was tried' -Skip:($null -ne $noUser) {
        $script = 'Get-ZeroCopySupport /etc | Where-Object Feature -EQ Reflink | ConvertTo-Json -Compress'
        $row = (Invoke-Shell $script -Before $asNobody).Output | ConvertFrom-Json
        $row.Supported | Should -BeNullOrEmpty
        $row.ErrorName | Should -BeExactly EACCES
        $row.Reason | Should -BeLike 'Not tried: *'
    }

    It 'completes the names of interfaces' {
        $line = 'Get-ZeroCopySupport -Interface l'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain lo
    }

    It 'keeps its values through <_>' -ForEach 'ConvertTo-Json', 'Export-Csv', 'Start-Job' {
        $found = Get-ZeroCopySupport -Interface lo
        $module = Get-ModuleUnderTest
        $back = switch ($_) {
            'ConvertTo-Json' { $found | ConvertTo-Json | ConvertFrom-Json }
            'Export-Csv' { $found | ConvertTo-Csv | ConvertFrom-Csv }
            'Start-Job' {
                Start-Job { Import-Module $using:module; Get-ZeroCopySupport -Interface lo } | Receive-AndRemove
            }
        }
        foreach ($name in 'Scope', 'Target', 'Feature', 'Supported', 'Detail', 'Reason') {
            [string[]] $back.$name | Should -Be ([string[]] $found.$name)
        }
    }

    It 'shows a table of 80 columns without cutting a word' {
        $text = Get-ZeroCopySupport $folder -Destination /dev/shm | Out-String -Width 80
        $text | Should -Match 'Feature\s+Supported\s+Detail or reason'
        ($text -split "`n" | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        $text | Should -Not -Match 'Scope'
    }
}
