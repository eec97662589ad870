using System.Diagnostics;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Counts the faults of one process from now on.</summary>
internal sealed class ProcessFaultWatch : IDisposable
{
    /// <summary>How old the last figures of a process may be that is gone without trace, and how often progress is told.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly ProcessCounts _counts;
    private readonly ProcessReading _first;
    private readonly long _startedAt;
    private ProcessReading _last;
    private TimeSpan _elapsed;

    private ProcessFaultWatch(ProcessCounts counts, ProcessReading first)
    {
        _counts = counts;
        _first = _last = first;
        _startedAt = Stopwatch.GetTimestamp();
    }

    internal int Id => _first.Id;

    /// <summary>Whether the process was seen to have ended.</summary>
    internal bool Ended { get; private set; }

    internal ProcessFaultResult Result => new(_first, _last, _elapsed, Ended);

    /// <exception cref="MemToolsException">No such process, or it has ended, or it may not be seen.</exception>
    internal static ProcessFaultWatch Start(int id)
    {
        ProcessCounts counts = ProcessCounts.Open(id);
        if (counts.TryRead() is { HasEnded: false } first)
            return new(counts, first);
        counts.Dispose();
        throw new MemToolsException(
            ErrorKind.ProcessNotFound, $"Process {id} has ended; where it is still listed, its parent has not yet taken note (a zombie).");
    }

    /// <summary>Waits until the time is over, or all have ended.</summary>
    /// <param name="watches">Processes that were begun to be watched.</param>
    /// <param name="duration">How long.</param>
    /// <param name="progress">Told from time to time how long it has been.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was stopped.</exception>
    internal static void Wait(
        IReadOnlyCollection<ProcessFaultWatch> watches, TimeSpan duration, Action<TimeSpan> progress, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        for (TimeSpan left = duration; left > TimeSpan.Zero && !watches.All(watch => watch.Ended);)
        {
            cancellation.WaitHandle.WaitOne(left < Interval ? left : Interval);
            cancellation.ThrowIfCancellationRequested();
            foreach (ProcessFaultWatch watch in watches)
                watch.Update();
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            left = duration - elapsed;
            progress(elapsed);
        }
    }

    /// <summary>Reads the counts once more. Those of an ended process are its last, or what was seen last.</summary>
    private void Update()
    {
        if (Ended)
            return;
        ProcessReading? reading = _counts.TryRead();
        _elapsed = Stopwatch.GetElapsedTime(_startedAt);
        _last = reading ?? _last;
        Ended = reading is null or { HasEnded: true };
    }

    /// <summary>The error that goes with the result of a process that ended too early.</summary>
    internal MemToolsException TooEarly(TimeSpan wanted) => new(
        ErrorKind.ProcessNotFound,
        $"Process {Id} ({_first.Name}) ended after {HumanUnits.Duration(_elapsed)} of {HumanUnits.Duration(wanted)}; "
        + "the result has what was counted until then.");

    public void Dispose() => _counts.Dispose();
}
