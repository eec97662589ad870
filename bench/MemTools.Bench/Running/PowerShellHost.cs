using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace MemTools.Bench.Running;

/// <summary>
/// One pwsh that stays up, so that what runs in it is measured without its start. It measures by its own stopwatch.
/// </summary>
internal sealed class PowerShellHost : IDisposable
{
    private const string Script = "PowerShellHost.ps1";

    private readonly string _scriptPath = Path.Combine(Path.GetTempPath(), $"memtools-bench-{Environment.ProcessId}-{Guid.NewGuid():N}.ps1");
    private readonly Process _process;

    /// <summary>Starts pwsh and imports modules.</summary>
    internal PowerShellHost(params string[] modules)
        : this(new Dictionary<string, string>(), modules)
    {
    }

    /// <summary>Starts pwsh with settings of its own and imports modules.</summary>
    internal PowerShellHost(IReadOnlyDictionary<string, string> environment, params string[] modules)
    {
        using (Stream script = Assembly.GetExecutingAssembly().GetManifestResourceStream(Script)!)
        using (FileStream file = File.Create(_scriptPath))
            script.CopyTo(file);
        ProcessStartInfo start = PowerShell.StartInfo("-NonInteractive", "-File", _scriptPath);
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException("pwsh could not be started.");
        foreach (string module in modules)
            Execute($"Import-Module {PowerShell.Quote(module)}");
    }

    /// <summary>Runs a line of script and returns its output.</summary>
    internal string Execute(string line)
    {
        if (line.Contains('\n', StringComparison.Ordinal))
            throw new ArgumentException("The script has to be one line.", nameof(line));
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        string answer = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"pwsh ended while it ran: {line}");
        using JsonDocument json = JsonDocument.Parse(answer);
        return json.RootElement.TryGetProperty("Error", out JsonElement error)
            ? throw new CommandFailedException(error.GetString() ?? line)
            : json.RootElement.GetProperty("Output").GetString() ?? string.Empty;
    }

    /// <summary>Seconds that a command took. Its output is thrown away without a command of its own: Out-Null costs a tenth.</summary>
    internal double Time(string command)
    {
        const string now = "[Diagnostics.Stopwatch]::GetTimestamp()";
        string ticks = Execute($"$begun = {now}; {command} > $null; {now} - $begun");
        return long.Parse(ticks, CultureInfo.InvariantCulture) / (double)Stopwatch.Frequency;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        File.Delete(_scriptPath);
    }
}
