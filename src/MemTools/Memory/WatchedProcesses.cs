using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Watches several processes over the same time; each fails on its own.</summary>
internal sealed class WatchedProcesses(Cmdlet cmdlet) : IDisposable
{
    private const string Activity = "Counting page faults";

    /// <summary>What is over sooner needs no progress.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(500);

    private readonly List<ProcessFaultWatch> _watches = [];

    internal void Add(IEnumerable<int> ids)
    {
        foreach (int id in ids.Distinct())
        {
            try
            {
                _watches.Add(ProcessFaultWatch.Start(id));
            }
            catch (Exception e) when (e is IHasErrorKind)
            {
                cmdlet.WriteError(ErrorRecords.From(e, id));
            }
        }
    }

    /// <exception cref="OperationCanceledException">The wait was stopped.</exception>
    internal void Watch(TimeSpan duration, CancellationToken cancellation)
    {
        ProcessFaultWatch.Wait(_watches, duration, elapsed => ShowProgress(elapsed, duration), cancellation);
        cmdlet.WriteProgress(new(0, Activity, "Done") { RecordType = ProgressRecordType.Completed });
        foreach (ProcessFaultWatch watch in _watches)
        {
            cmdlet.WriteObject(watch.Result);
            if (watch.Ended)
                cmdlet.WriteError(ErrorRecords.From(watch.TooEarly(duration), watch.Id));
        }
    }

    public void Dispose() => _watches.ForEach(watch => watch.Dispose());

    private void ShowProgress(TimeSpan elapsed, TimeSpan duration)
    {
        if (elapsed < ShownAfter || elapsed >= duration)
            return;
        ProgressRecord record = new(0, Activity, $"{HumanUnits.Duration(elapsed)} of {HumanUnits.Duration(duration)}")
        {
            PercentComplete = (int)(100 * (elapsed / duration)),
            SecondsRemaining = (int)(duration - elapsed).TotalSeconds,
        };
        cmdlet.WriteProgress(record);
    }
}
