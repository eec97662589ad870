using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>The readers' side.</content>
public sealed partial class ObjectRing
{
    /// <summary>Takes out the oldest object without waiting.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    public bool TryRead(out object? item)
    {
        ItemRing<object?> items = Open();
        SideClaim? claim = _reader?.Enter();
        bool any = Take(items, out item);
        Leave(claim);
        return any;
    }

    /// <summary>Takes out as many objects as there are and fit.</summary>
    /// <param name="objects">Where they go.</param>
    /// <returns>How many of the places, from the first on, were filled.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    public int TryRead(Span<object?> objects)
    {
        ItemRing<object?> items = Open();
        SideClaim? claim = _reader?.Enter();
        int count = items.TryRead(objects);
        Leave(claim);
        if (count > 0)
            _waitingWriters.WakeAll();
        return count;
    }

    /// <summary>Looks at the oldest object and leaves it there; another reader may take it at any moment.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    public bool TryPeek(out object? item)
    {
        ItemRing<object?> items = Open();
        SideClaim? claim = _reader?.Enter();
        bool any = items.TryPeek(out item);
        Leave(claim);
        return any;
    }

    /// <summary>Takes out the oldest object, and waits for it where there is none.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more will come; TimedOut.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was taken out.</exception>
    public RingReadiness TryRead(out object? item, TimeSpan timeout, CancellationToken stop = default) =>
        TryRead(out item) ? RingReadiness.Ready : ReadWhenThereIsOne(out item, new(timeout, stop));

    /// <summary>Reads an item where there is one; the side is entered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Take(ItemRing<object?> items, out object? item)
    {
        bool any = ReadFrom(items, out item);
        if (any)
            _waitingWriters.Wake();
        return any;
    }

    /// <summary>As for writing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool ReadFrom(ItemRing<object?> items, out object? item) => items switch
    {
        SpscRing<object?> ring => ring.TryRead(out item),
        MpmcRing<object?> ring => ring.TryRead(out item),
        _ => items.TryRead(out item),
    };

    /// <summary>Waits inside the side: where there is one reader, another that comes meanwhile is refused.</summary>
    private RingReadiness ReadWhenThereIsOne(out object? item, RingDeadline deadline)
    {
        _waitingReaders.CountStall();
        SideClaim? claim = _reader?.Enter();
        try
        {
            SpinWait patience = default;
            while (WaitingSide.LookAgain(ref patience))
            {
                if (TakeOrEnd(out item) is { } readiness)
                    return readiness;
            }

            while (true)
            {
                long wakes = _waitingReaders.Announce();
                try
                {
                    if (TakeOrEnd(out item) is { } readiness)
                        return readiness;
                    if (!WaitingSide.HasSense(deadline, out TimeSpan time))
                        return RingReadiness.TimedOut;
                    _waitingReaders.Sleep(wakes, time);
                }
                finally
                {
                    _waitingReaders.Withdraw();
                }
            }
        }
        finally
        {
            Leave(claim);
        }
    }

    /// <summary>Null where there is nothing yet.</summary>
    private RingReadiness? TakeOrEnd(out object? item)
    {
        ItemRing<object?> items = Open();
        // The end before the look: what was written before it is found.
        bool completed = _completed;
        if (Take(items, out item))
            return RingReadiness.Ready;
        // A writer that has claimed a place is going to fill it, and its item is to be waited for.
        return completed && items.Count == 0 ? RingReadiness.Completed : null;
    }
}
