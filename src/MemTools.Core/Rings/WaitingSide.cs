using System.Runtime.CompilerServices;

namespace MemTools.Rings;

/// <summary>The threads that wait for what the other side of a queue does, and how it wakes them.</summary>
/// <remarks>
/// A thread announces that it waits, looks at the queue once more, and sleeps unless somebody woke in between. The other
/// side changes the queue, then looks whether anybody waits. Each stores one thing and loads another, and a processor may
/// do that the other way round; a barrier after each write would cost more than the write. So the thread that is about to
/// sleep, which has time, has one run on all processors of this process (membarrier(2)): either the change came before it,
/// and is seen, or the look at who waits comes after it, and sees the sleeper.
/// </remarks>
internal sealed class WaitingSide
{
    /// <summary>No sleep is longer: so a token that was cancelled is seen, without a registration for each wait.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(100);

    /// <summary>How often to look again before sleeping: some microseconds, as long as being woken takes, then some yields.</summary>
    private const int Looks = 30;

    private readonly object _gate = new();

    // Both are written under the gate. The first is read without it by every write or read of the other side.
    private int _waiting;
    private long _wakes;
    private long _stalls;

    /// <summary>How often a thread had to wait.</summary>
    internal long Stalls => Volatile.Read(ref _stalls);

    /// <summary>Counts a wait; to be called once for each.</summary>
    internal void CountStall() => Interlocked.Increment(ref _stalls);

    /// <summary>A short wait without sleep; false when it is time to sleep.</summary>
    internal static bool LookAgain(ref SpinWait patience)
    {
        if (patience.Count >= Looks)
            return false;
        patience.SpinOnce(sleep1Threshold: -1);
        return true;
    }

    /// <summary>How long to sleep now; false when the time has run out, an exception when it was stopped.</summary>
    internal static bool HasSense(RingDeadline deadline, out TimeSpan time)
    {
        deadline.Stop.ThrowIfCancellationRequested();
        time = deadline.Next(Turn);
        return time > TimeSpan.Zero;
    }

    /// <summary>Says that this thread is about to sleep. Look at the queue after it, then sleep or not, then withdraw.</summary>
    /// <returns>What Sleep wants to know.</returns>
    internal long Announce()
    {
        long wakes;
        lock (_gate)
        {
            _waiting++;
            wakes = _wakes;
        }

        Interlocked.MemoryBarrierProcessWide();
        return wakes;
    }

    /// <summary>Sleeps until somebody wakes this side, unless that has happened since the announcement.</summary>
    internal void Sleep(long wakes, TimeSpan time)
    {
        lock (_gate)
        {
            if (_wakes == wakes)
                Monitor.Wait(_gate, time);
        }
    }

    /// <summary>The thread waits no longer.</summary>
    internal void Withdraw()
    {
        lock (_gate)
            _waiting--;
    }

    /// <summary>Wakes one thread, if any waits. To be called after the change that it waits for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Wake()
    {
        if (Volatile.Read(ref _waiting) != 0)
            WakeSleepers(all: false);
    }

    /// <summary>Wakes all: there are several items or places, or there is something else to see.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WakeAll()
    {
        if (Volatile.Read(ref _waiting) != 0)
            WakeSleepers(all: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WakeSleepers(bool all)
    {
        lock (_gate)
        {
            // Also for those that have announced themselves and do not sleep yet.
            _wakes++;
            if (all)
                Monitor.PulseAll(_gate);
            else
                Monitor.Pulse(_gate);
        }
    }
}
