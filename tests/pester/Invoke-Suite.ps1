#!/usr/bin/env pwsh
<#
.SYNOPSIS
    Runs one Pester file, or all of them, and writes what came of it as JSON where asked for.
.EXAMPLE
    ./tests/pester/Invoke-Suite.ps1
#>
[CmdletBinding()]
param(
    [string] $Path = $PSScriptRoot,

    # Where the result goes: counts, and the names and messages of what failed.
    [string] $ResultPath
)

$ErrorActionPreference = 'Stop'
# Only where it is needed: importing it for nothing would hide that it is missing behind an error of its own.
if (-not (Get-Module Pester -ListAvailable | Where-Object Version -GE '5.0')) {
    if ($ResultPath) {
        @{ Pester = $null; Shell = "$($PSVersionTable.PSVersion)" } | ConvertTo-Json | Set-Content $ResultPath
        exit 0
    }
    throw 'Pester 5 is missing. Get it: Install-PSResource Pester'
}
Import-Module Pester -MinimumVersion 5.0

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = $ResultPath ? 'Normal' : 'Detailed'
$configuration.Output.RenderMode = $env:NO_COLOR ? 'Plaintext' : 'Auto'
# Rings are shared by name, in the user's runtime directory: the user's own, and those of a file that runs at the same
# time, are not for these tests.
$env:XDG_RUNTIME_DIR = [IO.Directory]::CreateTempSubdirectory('memtools-runtime-').FullName
$run = Invoke-Pester -Configuration $configuration
Remove-Item $env:XDG_RUNTIME_DIR -Recurse -Force -ErrorAction Ignore

# A block or a file that fails outside of a test fails without a test that says so.
$failures = @(
    $run.Failed | ForEach-Object { @{ Name = $_.ExpandedPath; Message = "$($_.ErrorRecord)" } }
    $run.FailedBlocks | Where-Object { $_.ErrorRecord } | ForEach-Object { @{ Name = $_.ExpandedPath; Message = "$($_.ErrorRecord)" } }
    $run.FailedContainers | ForEach-Object { @{ Name = "$($_.Item)"; Message = "$($_.ErrorRecord)" } }
)
if ($ResultPath) {
    @{
        Pester   = "$($run.Version)"
        Shell    = "$($PSVersionTable.PSVersion)"
        Passed   = $run.PassedCount
        Failed   = [math]::Max($failures.Count, $run.FailedCount)
        Skipped  = $run.SkippedCount + $run.InconclusiveCount + $run.NotRunCount
        Failures = $failures
    } | ConvertTo-Json -Depth 4 | Set-Content $ResultPath
    exit 0
}
exit [int] ($failures.Count -gt 0)
