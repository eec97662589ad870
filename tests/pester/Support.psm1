# What the tests of all cmdlets share: the built module, shells of their own, and patience.

$root = Split-Path (Split-Path $PSScriptRoot)

# Longer than anything takes, on a slow machine with much else to do too; a test that gets there has failed.
$patience = [timespan]::FromMinutes(5)

function Get-ModuleUnderTest {
    $env:MEMTOOLS_MODULE ? $env:MEMTOOLS_MODULE : (Join-Path $root 'out/MemTools')
}

function Import-ModuleUnderTest {
    Import-Module (Get-ModuleUnderTest) -Scope Global
}

# Folders that every user can enter and the current one owns; Pester's own drive is private to its user.
function Get-PublicFolder([string] $Parent = [IO.Path]::GetTempPath()) {
    $folder = Join-Path $Parent "memtools-test-$([guid]::NewGuid().ToString('N'))"
    $null = [IO.Directory]::CreateDirectory($folder)
    chmod 755 $folder
    $folder
}

# A line of PowerShell in a pwsh of its own, with the module imported. -Before is put in front of the command line:
# another user, a limit, a terminal.
function Open-Shell([string] $Script, [string[]] $Before = @(), [string] $Module = (Get-ModuleUnderTest), [string] $Folder = '/') {
    $text = "Import-Module '$Module'; $Script"
    $encoded = [Convert]::ToBase64String([Text.Encoding]::Unicode.GetBytes($text))
    $pwsh = (Get-Process -Id $PID).Path
    $words = @($Before) + @($pwsh, '-NoProfile', '-NonInteractive', '-OutputFormat', 'Text', '-EncodedCommand', $encoded)
    Open-Process $words $Folder
}

function Open-Process([string[]] $Words, [string] $Folder = '/') {
    $start = [Diagnostics.ProcessStartInfo]::new($Words[0])
    $Words | Select-Object -Skip 1 | ForEach-Object { $start.ArgumentList.Add($_) }
    $start.WorkingDirectory = $Folder
    $start.RedirectStandardInput = $start.RedirectStandardOutput = $start.RedirectStandardError = $true
    $start.Environment['NO_COLOR'] = '1'
    # A shell at a terminal would ask the network for a newer one, and wait for the answer before it ends.
    $start.Environment['POWERSHELL_UPDATECHECK'] = 'Off'
    $process = [Diagnostics.Process]::Start($start)
    [pscustomobject]@{
        Process = $process
        Output  = $process.StandardOutput.ReadToEndAsync()
        Error   = $process.StandardError.ReadToEndAsync()
    }
}

function Close-Shell($Shell, [timespan] $Patience = $script:patience) {
    if (-not $Shell.Process.WaitForExit($Patience)) {
        $Shell.Process.Kill($true)
        throw "The shell did not end. It said: $($Shell.Output.Result)$($Shell.Error.Result)"
    }
    [pscustomobject]@{
        ExitCode = $Shell.Process.ExitCode
        Output   = $Shell.Output.Result.Trim()
        Error    = $Shell.Error.Result.Trim()
    }
}

function Invoke-Shell([string] $Script, [string[]] $Before = @(), [string] $Module = (Get-ModuleUnderTest), [string] $Folder = '/') {
    Close-Shell (Open-Shell $Script -Before $Before -Module $Module -Folder $Folder)
}

# What a job gives, to its end, and the end of the job. Not by -AutoRemoveJob, which removes a job twice, with an error, where
# it ends while Receive-Job looks whether it has.
function Receive-AndRemove {
    param([Parameter(ValueFromPipeline)] $Job)
    begin { $jobs = [Collections.Generic.List[object]]::new() }
    process { $jobs.Add($Job) }
    # Not before: the job of Start-Job waits for more input until Start-Job has come to its end.
    end {
        Receive-Job $jobs -Wait
        Remove-Job $jobs
    }
}

# sleep(1), asleep: what it maps before that comes and goes.
function Open-Sleeper([string[]] $Before = @()) {
    $sleeper = Open-Process ($Before + @('sleep', '3600'))
    $id = $sleeper.Process.Id
    Wait-For { (Get-Content "/proc/$id/stat") -match '^\d+ \(sleep\) S ' -and (Get-Content "/proc/$id/maps") -match 'heap' } 'sleep sleeps'
    $sleeper
}

function Wait-For([scriptblock] $Condition, [string] $What) {
    $watch = [Diagnostics.Stopwatch]::StartNew()
    while (-not (& $Condition)) {
        if ($watch.Elapsed -gt $patience) {
            throw "Waited in vain until $What."
        }
        Start-Sleep -Milliseconds 20
    }
}

# The unfinished files of copies in a folder.
function Get-Leftover([string] $Folder) {
    Get-ChildItem $Folder -Force -File | Where-Object Name -Like '.*.memtools-*'
}

function Get-Sha256([string] $Path) {
    (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash
}

# Goes to a new folder that holds data.bin, the bytes 0 to 255, for the tests of mapped files; and back, closing them.
function Enter-DataFolder([string] $Parent) {
    $script:locationBefore = Get-Location
    $folder = Join-Path $Parent ([guid]::NewGuid().ToString('N'))
    $null = New-Item $folder -ItemType Directory
    [IO.File]::WriteAllBytes("$folder/data.bin", [byte[]](0..255))
    Set-Location $folder
    $folder
}

function Exit-DataFolder {
    Get-MappedFile | Close-MappedFile
    Set-Location $script:locationBefore
}

# $null where a tool is there, else the reason to skip.
function Get-Lack([string[]] $Tool) {
    $missing = $Tool | Where-Object { -not (Get-Command $_ -CommandType Application -ErrorAction Ignore) }
    if ($missing) { "needs $($missing -join ', ')" }
}

Export-ModuleMember -Function *
