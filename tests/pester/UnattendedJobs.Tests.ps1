# The guide of unattended jobs: its PowerShell is saved and run as it says, with folders of the test in place of those
# of the guide. What it has for other shells is run by UnattendedGuideTests of the core.

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    $guide = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'docs/guides/unattended-jobs.md'
    $blocks = [regex]::Matches((Get-Content $guide -Raw), '(?ms)^```powershell\n(.*?)^```') | ForEach-Object { $_.Groups[1].Value }

    # A shell of its own, which finds the module where a user's is.
    function Invoke-Saved([string[]] $Words) {
        $path = "PSModulePath=$(Split-Path (Get-ModuleUnderTest)):$env:PSModulePath"
        Close-Shell (Open-Process (@('env', $path, (Get-Process -Id $PID).Path, '-NoProfile', '-NonInteractive', '-File') + $Words))
    }
}

Describe 'The guide unattended-jobs' {
    BeforeEach {
        $folder = Join-Path $TestDrive ([guid]::NewGuid().ToString('N'))
        $null = New-Item $folder/src -ItemType Directory
        Set-Content $folder/src/a.txt, $folder/src/b.txt 'the content'
        Set-Content $folder/nightly-sync.ps1 $blocks[0]
        $job = "$folder/nightly-sync.ps1", "$folder/src", "$folder/dst", "$folder/job.jsonl"
    }

    It 'has a script that ends with 0 where everything was done, and says nothing' {
        $end = Invoke-Saved $job
        $end.ExitCode, $end.Output, $end.Error | Should -Be 0, '', ''
        "$folder/dst/a.txt" | Should -Exist
        (Invoke-Saved $job).ExitCode | Should -Be 0
    }

    It 'has a script that ends with 1 where an item was not done, and says which' {
        $null = New-Item $folder/src/c.txt -ItemType Directory
        Set-Content $folder/src/c.txt/inner 'x'
        $null = New-Item $folder/dst/c.txt/inner -ItemType Directory
        $null = New-Item $folder/dst/old -ItemType Directory
        1..1001 | ForEach-Object { [IO.File]::Create("$folder/dst/old/$_").Dispose() }
        $end = Invoke-Saved $job
        $end.ExitCode | Should -Be 1
        $end.Error | Should -Match 'MaximumDelete 1000'
        "$folder/dst/old/1001", "$folder/dst/a.txt" | Should -Exist
    }

    It 'has a script that ends with 2 where the job could not begin' {
        Remove-Item $folder/src -Recurse
        $end = Invoke-Saved $job
        $end.ExitCode | Should -Be 2
        $end.Error | Should -Match 'does not exist'
    }

    It 'reads the log' {
        $null = Invoke-Saved $job
        Set-Content $folder/read.ps1 $blocks[1].Replace('/var/log/nightly-sync.jsonl', "$folder/job.jsonl")
        $end = Invoke-Saved "$folder/read.ps1"
        $end.ExitCode, $end.Error | Should -Be 0, ''
        $end.Output | Should -Match 'status\s+: Completed'
        $end.Output | Should -Match 'files\s+: 2'
    }

    It 'has no block that is not run here' {
        $blocks | Should -HaveCount 2
    }
}
