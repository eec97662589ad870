using System.Diagnostics;

namespace MemTools.Bench.Running;

/// <summary>How every pwsh here is started.</summary>
internal static class PowerShell
{
    internal static ProcessStartInfo StartInfo(params string[] arguments)
    {
        ProcessStartInfo start = new("pwsh") { UseShellExecute = false };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        start.Environment["NO_COLOR"] = "1";
        start.ArgumentList.Add("-NoProfile");
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        return start;
    }

    /// <summary>A string as PowerShell takes it literally.</summary>
    internal static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
