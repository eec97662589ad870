#!/usr/bin/env pwsh
#Requires -Version 7.4
<#
.SYNOPSIS
    Builds, tests, documents, checks, measures, packs and installs MemTools.
.DESCRIPTION
    Each task works from a fresh clone and runs what it needs first. A task that misses a tool says which, and how to
    get it.
.PARAMETER Task
    One or several, run in the order given:
    Build    compiles, lays out the module in out/MemTools, and checks that the help is complete and up to date.
    Test     runs every test, those of the cmdlets included.
    Soak     runs the same tests with their full counts; takes long.
    Docs     brings the pages in docs/en-US up to date with the cmdlets and builds the help in module/en-US from them.
    Analyze  runs PSScriptAnalyzer over every script.
    Bench    runs the benchmarks.
    Pack     makes out/MemTools.<version>.nupkg, as a gallery takes it, and the executable out/memtools.
    Install  puts the module where Import-Module MemTools finds it, for this user.
    Clean    removes all that the other tasks made, but not what Install did.
.PARAMETER Configuration
    Release, or Debug for stepping through. Pack, Install and Bench always take Release.
.EXAMPLE
    ./build.ps1 -Task Build, Test
#>
[CmdletBinding()]
param(
    # Not a ValidateSet: another shell passes `Build, Test` as the two words "Build," and "Test".
    [Parameter(Position = 0)]
    [ArgumentCompletions('Build', 'Test', 'Soak', 'Docs', 'Analyze', 'Bench', 'Pack', 'Install', 'Clean')]
    [string[]] $Task = 'Build',

    [Parameter(ValueFromRemainingArguments, DontShow)]
    [string[]] $More = @(),

    [ValidateSet('Release', 'Debug')]
    [string] $Configuration = 'Release'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
# Checked after each call, in one place, so that the message says which call it was.
$PSNativeCommandUseErrorActionPreference = $false

$root = $PSScriptRoot
$out = Join-Path $root 'out'

# ---- Tasks ----

function Invoke-BuildTask([string] $Configuration = $script:Configuration) {
    Invoke-DotNet build "$root/src/MemTools" --configuration $Configuration --nologo --verbosity minimal
    $module = Get-ModuleLayout $Configuration
    Assert-Help $module
    Write-Line "Built $module"
}

function Invoke-TestTask {
    $results = Join-Path $root 'TestResults'
    $trx = Join-Path $results 'build.trx'
    Remove-Item $trx, "$results/pester-summary.txt" -ErrorAction Ignore
    Invoke-DotNet test $root --configuration $Configuration --nologo `
        --logger "trx;LogFileName=$trx" --results-directory $results -AllowFailure
    Write-TestTotal $trx
}

function Invoke-SoakTask {
    $before = $env:MEMTOOLS_SOAK
    $env:MEMTOOLS_SOAK = '1'
    try {
        Invoke-TestTask
    }
    finally {
        $env:MEMTOOLS_SOAK = $before
    }
}

function Invoke-DocsTask {
    Assert-Module Microsoft.PowerShell.PlatyPS
    Invoke-DotNet build "$root/src/MemTools" --configuration $Configuration --nologo --verbosity minimal
    Invoke-Help "Update-HelpPage -Module '$(Get-ModuleLayout $Configuration)'; Build-Help"
    # Once more, so that the layout has the help that was just built.
    Invoke-BuildTask
}

function Invoke-AnalyzeTask {
    Assert-Module PSScriptAnalyzer
    $settings = 'PSScriptAnalyzerSettings.psd1'
    $findings = @(
        'build.ps1', 'build', 'module' | ForEach-Object {
            Invoke-ScriptAnalyzer -Path "$root/$_" -Recurse -Settings "$root/$settings"
        }
        Invoke-ScriptAnalyzer -Path "$root/tests/pester" -Recurse -Settings "$root/tests/pester/$settings"
    )
    if ($findings) {
        $findings | ForEach-Object { Write-Line "$($_.ScriptName):$($_.Line): $($_.Severity) $($_.RuleName): $($_.Message)" }
        throw "PSScriptAnalyzer found $(@($findings).Count) things to put right."
    }
    Write-Line 'PSScriptAnalyzer found nothing.'
}

function Invoke-BenchTask {
    Invoke-BuildTask Release
    Invoke-DotNet run --configuration Release --project "$root/bench/MemTools.Bench" '--' all
}

function Invoke-PackTask {
    Invoke-BuildTask Release
    $module = Get-ModuleLayout Release
    $package = Join-Path $out "MemTools.$(Get-ModuleVersion $module).nupkg"
    Remove-Item $package -ErrorAction Ignore
    if (Get-Command Compress-PSResource -ErrorAction Ignore) {
        Compress-PSResource -Path $module -DestinationPath $out
    }
    else {
        Invoke-NuGetPack $module
    }
    Write-Line "Packed $package"
    Publish-CommandLine
}

function Invoke-InstallTask {
    Invoke-BuildTask Release
    $module = Get-ModuleLayout Release
    $target = Join-Path (Get-UserModulePath) "MemTools/$(Get-ModuleVersion $module)"
    # Removed, not overwritten: a shell that has the old assemblies mapped keeps its own.
    Remove-Item $target -Recurse -Force -ErrorAction Ignore
    $null = New-Item $target -ItemType Directory -Force
    Copy-Item "$module/*" $target -Recurse
    Write-Line "Installed $target. Import-Module MemTools finds it."
}

function Invoke-CleanTask {
    $made = @('out', 'TestResults', 'BenchmarkDotNet.Artifacts' | ForEach-Object { Join-Path $root $_ })
    $made += Get-ChildItem "$root/src", "$root/tests", "$root/bench" -Directory -ErrorAction Ignore |
        ForEach-Object { Join-Path $_ 'bin'; Join-Path $_ 'obj' }
    Remove-Item ($made | Where-Object { Test-Path $_ }) -Recurse -Force
    Write-Line 'Cleaned.'
}

# ---- What the tasks stand on ----

function Write-Line([string] $Text) {
    Write-Information $Text -InformationAction Continue
}

function Invoke-DotNet([switch] $AllowFailure) {
    if (-not (Get-Command dotnet -ErrorAction Ignore)) {
        throw 'The .NET SDK 10 is missing. Get it: https://dotnet.microsoft.com/download'
    }
    & dotnet @args | Out-Host
    if ($LASTEXITCODE -ne 0 -and -not $AllowFailure) {
        throw "dotnet $($args[0]) failed with exit code $LASTEXITCODE; its output above says why."
    }
}

function Assert-Module([string] $Name) {
    if (-not (Get-Module $Name -ListAvailable)) {
        throw "The PowerShell module $Name is missing. Get it: Install-PSResource $Name"
    }
}

function Get-ModuleLayout([string] $Configuration) {
    # Where src/MemTools/MemTools.csproj lays the module out.
    $Configuration -eq 'Release' ? (Join-Path $out 'MemTools') : (Join-Path $out "$Configuration/MemTools")
}

function Get-ModuleVersion([string] $Module) {
    (Import-PowerShellDataFile "$Module/MemTools.psd1").ModuleVersion
}

function Get-UserModulePath {
    $data = $env:XDG_DATA_HOME ? $env:XDG_DATA_HOME : (Join-Path $HOME '.local/share')
    Join-Path $data 'powershell/Modules'
}

function Invoke-Help([string] $Command) {
    # In a PowerShell of its own: one that has imported the module cannot load a newer build of it.
    $shell = [Environment]::ProcessPath
    & $shell -NoProfile -NonInteractive -Command "`$ErrorActionPreference = 'Stop'; Import-Module '$root/build/Help.psm1'; $Command" |
        Out-Host
    if ($LASTEXITCODE -ne 0) {
        throw 'The help is not in order; the lines above say why.'
    }
}

function Assert-Help([string] $Module) {
    Invoke-Help "`$problems = @(Get-HelpProblem -Module '$Module'); `$problems; exit [int][bool]`$problems"
}

function Write-TestTotal([string] $Trx) {
    if (-not (Test-Path $Trx)) {
        throw 'The tests did not run; the output above says why.'
    }
    $run = ([xml](Get-Content $Trx -Raw)).TestRun
    $counters = $run.ResultSummary.Counters
    $skipped = [int] $counters.total - [int] $counters.executed
    $pester = Join-Path $root 'TestResults/pester-summary.txt'
    if (Test-Path $pester) {
        Write-Line "Pester, file by file:`n  $((Get-Content $pester) -join "`n  ")"
    }
    Write-Line "$($counters.passed) passed, $($counters.failed) failed, $skipped skipped (a Pester file counts as one)"
    if ($run.ResultSummary.outcome -eq 'Failed' -or [int] $counters.passed -eq 0) {
        throw 'Not every test passed.'
    }
}

function Invoke-NuGetPack([string] $Module) {
    $manifest = Import-PowerShellDataFile "$Module/MemTools.psd1"
    $nuspec = Join-Path $out 'MemTools.nuspec'
    $escape = { [Security.SecurityElement]::Escape($args[0]) }
    $tags = @($manifest.PrivateData.PSData.Tags) + 'PSModule' + @($manifest.CmdletsToExport | ForEach-Object { "PSCmdlet_$_" })
    Set-Content $nuspec @"
<?xml version="1.0" encoding="utf-8"?>
<package xmlns="http://schemas.microsoft.com/packaging/2011/08/nuspec.xsd">
  <metadata>
    <id>MemTools</id>
    <version>$($manifest.ModuleVersion)</version>
    <authors>$(& $escape $manifest.Author)</authors>
    <description>$(& $escape $manifest.Description)</description>
    <copyright>$(& $escape $manifest.Copyright)</copyright>
    <license type="expression">MIT</license>
    <tags>$(& $escape ($tags -join ' '))</tags>
  </metadata>
  <files><file src="**" target="" /></files>
</package>
"@
    # NU5100 and the like expect assemblies under lib/; a PowerShell module has them where its manifest says.
    Invoke-DotNet pack "$root/src/MemTools" --configuration Release --no-build --nologo --output $out `
        "-p:NuspecFile=$nuspec" "-p:NuspecBasePath=$Module" '-p:NoDefaultExcludes=true' '-p:NoPackageAnalysis=true'
    Remove-Item $nuspec
}

function Publish-CommandLine {
    $architecture = [Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()
    $files = Join-Path $out 'publish'
    Invoke-DotNet publish "$root/src/MemTools.Cli" --configuration Release --runtime "linux-$architecture" `
        '-p:CompiledAhead=true' --nologo --verbosity minimal --output $files
    Move-Item "$files/memtools" "$out/memtools" -Force
    Remove-Item $files -Recurse
    Write-Line "Published $out/memtools"
}

$known = 'Build', 'Test', 'Soak', 'Docs', 'Analyze', 'Bench', 'Pack', 'Install', 'Clean'
$chosen = @($Task) + $More -split '[,\s]+' -ne ''
foreach ($name in $chosen | Where-Object { $_ -notin $known }) {
    throw "There is no task $name. The tasks are $($known -join ', ')."
}
foreach ($name in $chosen) {
    & "Invoke-${name}Task"
}
