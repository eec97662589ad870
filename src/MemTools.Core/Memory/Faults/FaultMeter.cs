using System.Diagnostics;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// Counts faults, processor time and switches of the thread that made it, between <see cref="Start"/> and
/// <see cref="Stop"/>, by two witnesses: getrusage(2) and, where it is allowed, perf_event_open(2). Several stretches
/// add up. Both ends read into memory that was touched before, so that measuring costs no fault of its own.
/// </summary>
internal sealed class FaultMeter : IDisposable
{
    private readonly PerfCounters? _counters;
    private ThreadUsage _usageBefore;
    private PerfReading _readingBefore;
    private ThreadUsage _usage;
    private PerfReading _reading;
    private long _startedAt;
    private long _ticks;

    internal FaultMeter()
    {
        _counters = PerfCounters.TryOpen(out string? refusal);
        Refusal = refusal;
        // The first call of anything is compiled, and its pages come in: not in a stretch that counts.
        Start();
        Stop();
        (_usage, _reading, _ticks) = (default, default, 0);
    }

    /// <summary>Why perf_event_open gave no counters, or null.</summary>
    internal string? Refusal { get; }

    internal ThreadUsage Usage => _usage;

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(0, _ticks);

    /// <summary>What perf_event_open counted; null where it is refused.</summary>
    internal PerfReading? Reading => _counters is null ? null : _reading;

    /// <summary>Whether perf_event_open may count in user mode alone; null where it is refused.</summary>
    internal bool? UserOnly => _counters?.UserOnly;

    internal void Start()
    {
        _readingBefore = _counters?.Read() ?? default;
        _usageBefore = ThreadUsage.Now();
        _startedAt = Stopwatch.GetTimestamp();
    }

    internal void Stop()
    {
        long now = Stopwatch.GetTimestamp();
        ThreadUsage usage = ThreadUsage.Now();
        PerfReading reading = _counters?.Read() ?? default;
        _ticks += now - _startedAt;
        _usage += usage - _usageBefore;
        _reading += reading - _readingBefore;
    }

    public void Dispose() => _counters?.Dispose();
}
