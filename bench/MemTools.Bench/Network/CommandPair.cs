using System.Globalization;
using MemTools.Bench.Running;

namespace MemTools.Bench.Network;

/// <summary>Receive-FileZeroCopy in one pwsh, Send-FileZeroCopy in another, over loopback.</summary>
internal sealed class CommandPair : IDisposable
{
    private readonly PowerShellHost _sender;
    private readonly PowerShellHost _receiver;

    internal CommandPair(string module, string destination)
    {
        _receiver = new(module);
        _sender = new(module);
        SenderId = Identify(_sender);
        ReceiverId = Identify(_receiver);
        _receiver.Execute($"$job = Receive-FileZeroCopy {PowerShell.Quote(destination)} -AsJob");
        _sender.Execute($"$to = {PowerShell.Quote(_receiver.Execute("$job.ConnectionString").Trim())}");
    }

    internal int SenderId { get; }

    internal int ReceiverId { get; }

    /// <summary>Sends one file.</summary>
    internal Transfer Send(string file, string options)
    {
        const string now = "[Diagnostics.Stopwatch]::GetTimestamp()";
        string line = _sender.Execute(
            $"$begun = {now}; $r = Send-FileZeroCopy -LiteralPath {PowerShell.Quote(file)} -ConnectionString $to {options} -ErrorAction Stop;"
            + $" $took = ({now} - $begun) / [Diagnostics.Stopwatch]::Frequency;"
            + " [string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', $took, ($r.UserTime + $r.KernelTime).TotalSeconds)");
        double[] figures = [.. line.Split(' ').Select(word => double.Parse(word, CultureInfo.InvariantCulture))];
        Forget();
        return new(figures[0], figures[1], null);
    }

    /// <summary>Sends a folder with all that is in it.</summary>
    internal double SendFolder(string folder, string options)
    {
        double seconds = _sender.Time($"Send-FileZeroCopy -LiteralPath {PowerShell.Quote(folder)} -Recurse -ConnectionString $to {options} -ErrorAction Stop");
        Forget();
        return seconds;
    }

    /// <summary>Has both collect their garbage, so that what they have is what they keep.</summary>
    internal void Collect()
    {
        foreach (PowerShellHost host in (PowerShellHost[])[_sender, _receiver])
            host.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::Collect()");
    }

    public void Dispose()
    {
        try
        {
            _receiver.Execute("Stop-Job $job; Remove-Job $job -Force");
        }
        finally
        {
            _sender.Dispose();
            _receiver.Dispose();
        }
    }

    private static int Identify(PowerShellHost host) => int.Parse(host.Execute("$PID"), CultureInfo.InvariantCulture);

    /// <summary>A job keeps its results until somebody takes them.</summary>
    private void Forget() => _receiver.Execute("Receive-Job $job > $null");
}
