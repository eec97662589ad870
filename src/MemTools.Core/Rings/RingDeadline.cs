using System.Diagnostics;

namespace MemTools.Rings;

/// <summary>How long a call may wait, and who may end it before.</summary>
internal readonly struct RingDeadline
{
    private const long Never = long.MaxValue;

    private readonly long _end;

    internal RingDeadline(TimeSpan timeout, CancellationToken stop)
    {
        if (timeout < TimeSpan.Zero && timeout != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(nameof(timeout), timeout, "A time to wait is zero or more, or Timeout.InfiniteTimeSpan.");
        double ticks = timeout.TotalSeconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        _end = timeout < TimeSpan.Zero || ticks > Never - now - 1 ? Never : now + (long)ticks;
        Stop = stop;
    }

    internal CancellationToken Stop { get; }

    /// <summary>How much is left of it, but no more than a turn.</summary>
    internal TimeSpan Next(TimeSpan turn)
    {
        if (_end == Never)
            return turn;
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _end);
        return left < turn ? left : turn;
    }
}
