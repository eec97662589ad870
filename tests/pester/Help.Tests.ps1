# The help of every command: complete, built from its pages, with examples that run as they are written.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $commands = Get-Command -Module MemTools | ForEach-Object { @{ Command = $_.Name } }
    $examples = foreach ($command in $commands.Command) {
        $number = 0
        foreach ($example in (Get-Help $command -Full).examples.example) {
            @{ Command = $command; Title = $example.title.Trim('-', ' '); Number = $number++ }
        }
    }
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
}

Describe 'The help pages' {
    It 'are complete, and the built help is theirs' {
        $root = Split-Path (Split-Path $PSScriptRoot)
        $command = "Import-Module '$root/build/Help.psm1'; Get-HelpProblem -Module '$(Get-ModuleUnderTest)'"
        $pwsh = (Get-Process -Id $PID).Path
        $end = Close-Shell (Open-Process $pwsh, '-NoProfile', '-NonInteractive', '-Command', $command)
        $end.Output | Should -BeNullOrEmpty
        $end.Error | Should -BeNullOrEmpty
        $end.ExitCode | Should -Be 0
    }

    It 'include an about topic that Get-Help finds' {
        (Get-Help about_MemTools | Out-String) | Should -Match 'SHORT DESCRIPTION\s+\w+'
    }
}

Describe 'The help of <Command>' -ForEach $commands {
    BeforeAll {
        $help = Get-Help $Command -Full
        $own = (Get-Command $Command).Parameters.Keys | Where-Object { $_ -notin [Management.Automation.Cmdlet]::CommonParameters }
    }

    It 'has a synopsis, a description, inputs, outputs and notes' {
        $help.Synopsis | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -Match "^\s*$Command"
        $help.description.Text | Should -Not -BeNullOrEmpty
        $help.inputTypes.inputType, $help.returnValues.returnValue, $help.alertSet.alert | Should -Not -BeNullOrEmpty
    }

    It 'has at least three examples, each with code and a remark' {
        @($help.examples.example).Count | Should -BeGreaterOrEqual 3
        foreach ($example in $help.examples.example) {
            $example.code | Should -Not -BeNullOrEmpty
            "$($example.remarks.Text)".Trim() | Should -Not -BeNullOrEmpty
        }
    }

    It 'describes every parameter' {
        foreach ($name in $own) {
            (Get-Help $Command -Parameter $name).description.Text | Should -Not -BeNullOrEmpty -Because "of -$name"
        }
    }

    It 'holds no Markdown' {
        $help | Out-String -Width 500 | Should -Not -Match '```|\*\*\w.*\w\*\*|\{\{'
    }
}

Describe 'The examples of <Command>' -ForEach $commands {
    BeforeAll {
        # A user's shell runs them all, one after the other, and starts each as on the first day: in an empty folder, and
        # with a module that it finds by name.
        $code = @((Get-Help $Command -Full).examples.example.code)
        $folder = Get-PublicFolder
        for ($i = 0; $i -lt $code.Count; $i++) {
            Set-Content "$folder/$i.ps1" $code[$i]
            $null = New-Item "$folder/$i" -ItemType Directory
        }

        # An error that the example handles is none; what a program says on its standard error is none either.
        Set-Content "$folder/check.ps1" @'
param($Folder, $Count)
function Invoke-Example($Folder, $Number) {
    Set-Location "$Folder/$Number"
    $shown = 0
    . "$Folder/$Number.ps1" 2>&1 | ForEach-Object {
        $isError = $_ -is [Management.Automation.ErrorRecord] -and $_.FullyQualifiedErrorId -notlike 'NativeCommandError*'
        $shown += [int] $isError
        $isError ? "ERROR: $_" : $_
    } | Out-Default
    [Console]::WriteLine("=== $Number $shown")
}

for ($i = 0; $i -lt $Count; $i++) {
    Invoke-Example $Folder $i
    Get-Job | Remove-Job -Force
    Remove-Module MemTools -ErrorAction Ignore 3>$null
}
'@
        $pwsh = (Get-Process -Id $PID).Path
        $path = "PSModulePath=$(Split-Path (Get-ModuleUnderTest)):$env:PSModulePath"
        $words = 'env', $path, $pwsh, '-NoProfile', '-NonInteractive', '-File', "$folder/check.ps1", $folder, $code.Count
        $end = Close-Shell (Open-Process $words) -Patience ([timespan]::FromMinutes(10))
        # What each said, and how many errors it showed: none follows one that ended the shell.
        $said = @{}
        $text = ''
        foreach ($line in $end.Output -split '\n') {
            if ($line -match '^=== (\d+) (\d+)$') {
                $said[[int] $Matches[1]] = @{ Text = $text.Trim(); Errors = [int] $Matches[2] }
                $text = ''
            }
            else {
                $text += "$line`n"
            }
        }
    }

    AfterAll {
        Remove-Item $folder -Recurse -Force
    }

    It '<Title> runs as written, in an empty folder' -ForEach ($examples | Where-Object Command -eq $Command) {
        $said.ContainsKey($Number) | Should -BeTrue -Because "the shell goes on after it, and not: $($end.Output) $($end.Error)"
        $said[$Number].Errors | Should -Be 0 -Because $said[$Number].Text
        $said[$Number].Text | Should -Not -BeNullOrEmpty
    }
}
