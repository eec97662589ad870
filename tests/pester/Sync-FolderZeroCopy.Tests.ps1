# What Sync-FolderZeroCopy does, as its users see it.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
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
        $back = Start-Job { Import-Module $using:module; Sync-FolderZeroCopy $using:folder/src $using:folder/dst -ErrorAction SilentlyContinue } | Receive-Job -Wait -AutoRemoveJob
        $back.Failures[0].ErrorId | Should -BeExactly 'IsDirectory'
        $back.Elapsed | Should -BeOfType timespan
    }
}
