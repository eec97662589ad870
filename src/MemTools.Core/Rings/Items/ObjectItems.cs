namespace MemTools.Rings;

/// <summary>Objects of a ring.</summary>
internal sealed class ObjectItems(ObjectRing ring, RingReading reading) : RingItems
{
    /// <summary>How long to sleep between two looks at a ring in which only a reader's wait would be woken.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>Only the oldest can be looked at.</summary>
    internal override long ItemsOf(long units) => reading.Peek ? Math.Min(units, 1) : units;

    internal override bool TryTake(out object? item) => reading.Peek ? ring.TryPeek(out item) : ring.TryRead(out item);

    internal override bool TryTakeWaiting(TimeSpan timeout, CancellationToken stop, out object? item) => reading.Peek
        ? base.TryTakeWaiting(timeout, stop, out item)
        : ring.TryRead(out item, timeout, stop) == RingReadiness.Ready;

    internal override long CountNow() => ring.Used;

    private protected override RingReadiness Wait(TimeSpan timeout, CancellationToken stop)
    {
        RingDeadline deadline = new(timeout, stop);
        while (ring.IsEmpty)
        {
            if (ring.IsCompleted)
                return RingReadiness.Completed;
            TimeSpan time = deadline.Next(LookEvery);
            if (time <= TimeSpan.Zero)
                return RingReadiness.TimedOut;
            if (stop.WaitHandle.WaitOne(time))
                stop.ThrowIfCancellationRequested();
        }

        return RingReadiness.Ready;
    }
}
