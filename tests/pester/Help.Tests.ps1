# The help of every command: complete, built from its pages, with examples that run as they are written.

BeforeDiscovery {
    Import-Module "$PSScriptRoot/Support.psm1" -Force
    Import-ModuleUnderTest
    $commands = Get-Command -Module MemTools | ForEach-Object { @{ Command = $_.Name } }
    $examples = foreach ($command in $commands.Command) {
        foreach ($example in (Get-Help $command -Full).examples.example) {
            @{ Command = $command; Title = $example.title.Trim('-', ' '); Code = $example.code }
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

Describe 'The help of <Command>, <Title>' -ForEach $examples {
    It 'runs as written, in an empty folder' {
        $folder = Get-PublicFolder
        try {
            # As a user has it: the module is found by name, and nothing else is prepared.
            Set-Content "$folder/example.ps1" $Code
            # An error that the example handles is none; what a program says on its standard error is none either.
            $check = @'
param($Folder)
Set-Location "$Folder/work"
$shown = 0
. "$Folder/example.ps1" 2>&1 | ForEach-Object {
    $isError = $_ -is [Management.Automation.ErrorRecord] -and $_.FullyQualifiedErrorId -notlike 'NativeCommandError*'
    $shown += [int] $isError
    $isError ? "ERROR: $_" : $_
} | Out-Default
exit $shown
'@
            $null = New-Item "$folder/work" -ItemType Directory
            Set-Content "$folder/check.ps1" $check
            $pwsh = (Get-Process -Id $PID).Path
            $path = "PSModulePath=$(Split-Path (Get-ModuleUnderTest)):$env:PSModulePath"
            $end = Close-Shell (Open-Process 'env', $path, $pwsh, '-NoProfile', '-NonInteractive', '-File', "$folder/check.ps1", $folder)
            $end.ExitCode | Should -Be 0 -Because $end.Output
            $end.Output | Should -Not -BeNullOrEmpty
        }
        finally {
            Remove-Item $folder -Recurse -Force
        }
    }
}
