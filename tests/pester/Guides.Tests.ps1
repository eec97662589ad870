# The guides: every block of PowerShell is run in a shell of its own, as a reader would paste it. What it prints must
# have the shape of the output that stands below it, numbers, addresses and bars aside; the assertion in the comment
# "<!-- check: … -->" must hold for the objects in $result. "<!-- needs: … -->" says on what machines it can run.

BeforeDiscovery {
    $guides = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'docs/guides'
    $pattern = '(?ms)(?:^<!-- needs: (?<needs>.*?) -->\s+)?^```powershell\n(?<code>.*?)^```\s+' +
        '(?:^```text\n(?<output>.*?)^```\s+)?(?:^<!-- check: (?<check>.*?) -->)?'
    # The blocks of unattended-jobs.md are files to save: UnattendedJobs.Tests.ps1 saves and runs them.
    $blocks = foreach ($guide in Get-ChildItem $guides -Filter *.md | Where-Object Name -NE 'unattended-jobs.md') {
        $text = Get-Content $guide -Raw
        foreach ($match in [regex]::Matches($text, $pattern)) {
            $title = [regex]::Matches($text.Substring(0, $match.Index), '(?m)^#+ (.*)$') | Select-Object -Last 1
            @{
                Guide  = $guide.BaseName
                Title  = $title.Groups[1].Value
                Line   = ($text.Substring(0, $match.Index) -split "`n").Count
                Needs  = $match.Groups['needs'].Value
                Code   = $match.Groups['code'].Value
                Output = $match.Groups['output'].Value
                Check  = $match.Groups['check'].Value
            }
        }
    }
}

BeforeAll {
    Import-Module "$PSScriptRoot/Support.psm1" -Force

    # What is left of a line when all is taken away that differs from run to run.
    function Get-Shape([string] $Text) {
        ($Text -replace '\e\[[\d;]*m').Trim() -split '\s*\n' | ForEach-Object {
            $line = $_ -replace '[█▉▊▋▌▍▎▏]+', ' ' -replace '\b(?=[0-9a-f]*\d)[0-9a-f]{6,16}\b', '#'
            $line = $line -replace '-?\d[\d.,:]*( ?([KMGT]iB|B|ns|us|ms|s)\b)?', '#' -replace '-{2,}', '-' -replace '\s+', ' '
            $line.Trim()
        }
    }

    function Invoke-Block([string] $Code, [string] $Check, [string] $Needs) {
        $folder = Get-PublicFolder
        try {
            Set-Content "$folder/block.ps1" $Code
            Set-Content "$folder/run.ps1" @'
param($Folder, $Needs, $Check)
if ($Needs -and -not (& ([scriptblock]::Create($Needs)))) { 'SKIPPED'; exit }
Set-Location $Folder
$result = . ./block.ps1
$result | Out-String -Width 100
$Error | ForEach-Object { "ERROR: $_" }
$held = @($Check ? (& ([scriptblock]::Create($Check))) : $true)
if ($held -contains $false -or $held -notcontains $true) { 'CHECK FAILED' }
'@
            $pwsh = (Get-Process -Id $PID).Path
            $path = "PSModulePath=$(Split-Path (Get-ModuleUnderTest)):$env:PSModulePath"
            $shell = Open-Process 'env', $path, $pwsh, '-NoProfile', '-NonInteractive', '-File', "$folder/run.ps1", $folder, $Needs, $Check
            # Some experiments take ten seconds where nothing else runs, and their time is not what is tested.
            Close-Shell $shell -Patience '00:10:00'
        }
        finally {
            Remove-Item $folder -Recurse -Force
        }
    }
}

Describe 'The guide <Guide>, <Title> (line <Line>)' -ForEach $blocks {
    It 'does what it says' {
        $end = Invoke-Block $Code $Check $Needs
        if ($end.Output -eq 'SKIPPED') {
            Set-ItResult -Skipped -Because "it needs $Needs"
            return
        }
        $end.ExitCode | Should -Be 0
        $end.Error | Should -BeNullOrEmpty
        $end.Output | Should -Not -Match 'ERROR: |CHECK FAILED' -Because "of $Check"
        Get-Shape $end.Output | Should -Be (Get-Shape $Output)
    }

    It 'says what must be true of it' {
        $Output, $Check | Should -Not -BeNullOrEmpty
    }
}
