# Runs one line of script after another from standard input, and answers each with one line of JSON.
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
while ($null -ne ($line = [Console]::In.ReadLine())) {
    try {
        $answer = @{ Output = [string](. ([scriptblock]::Create($line))) }
    }
    catch {
        $answer = @{ Error = $_.Exception.Message }
    }
    [Console]::Out.WriteLine((ConvertTo-Json -Compress $answer))
}
