using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>The writers' side.</content>
public sealed partial class ObjectRing
{
    /// <summary>Writes an object without waiting. Drops the oldest where the ring is made so.</summary>
    /// <param name="item">The object; null is one too.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public bool TryWrite(object? item)
    {
        ItemRing<object?> items = OpenToWrite();
        SideClaim? claim = _writer?.Enter();
        bool written = Put(items, item);
        Leave(claim);
        return written;
    }

    /// <summary>Writes as many objects as there is room for, in order. Where the oldest is dropped that is all of them.</summary>
    /// <param name="objects">The objects.</param>
    /// <returns>How many of them, from the first on, were written.</returns>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public int TryWrite(ReadOnlySpan<object?> objects)
    {
        ItemRing<object?> items = OpenToWrite();
        SideClaim? claim = _writer?.Enter();
        int written = items.TryWrite(objects);
        for (; _whenFull == RingFullAction.DropOldest && written < objects.Length; written++)
            Displace(items, objects[written]);
        Leave(claim);
        if (written > 0)
            _waitingReaders.WakeAll();
        return written;
    }

    /// <summary>Writes an object; where there is no room, does what the ring was made to do.</summary>
    /// <param name="item">The object; null is one too.</param>
    /// <param name="timeout">How long to wait for room; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Whether it was written; false when the time ran out.</returns>
    /// <exception cref="MemToolsException">Full: the ring was made to say so; Completed; OverlappingUse.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was written.</exception>
    public bool TryWrite(object? item, TimeSpan timeout, CancellationToken stop = default)
    {
        if (TryWrite(item))
            return true;
        if (_whenFull == RingFullAction.Error)
            throw new MemToolsException(ErrorKind.Full, $"'{Name}' is full: it holds {Capacity} objects, and was made with WhenFull Error. Nothing was written.");
        return WriteWhenThereIsRoom(item, new(timeout, stop));
    }

    /// <summary>Writes an object; where there is no room, does what the ring was made to do.</summary>
    /// <param name="item">The object; null is one too.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <exception cref="MemToolsException">Full: the ring was made to say so; Completed; OverlappingUse.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was written.</exception>
    public void Write(object? item, CancellationToken stop = default) => TryWrite(item, Timeout.InfiniteTimeSpan, stop);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ItemRing<object?> OpenToWrite()
    {
        ItemRing<object?> items = Open();
        return _completed ? throw Ended() : items;
    }

    private MemToolsException Ended() => new(ErrorKind.Completed, $"'{Name}' was completed: nothing more can be written to it.");

    /// <summary>Takes the oldest out for each that does not fit. Always succeeds.</summary>
    private bool Displace(ItemRing<object?> items, object? item)
    {
        SpinWait patience = default;
        while (!items.TryWrite(item))
        {
            if (items.TryRead(out _))
                Interlocked.Increment(ref _dropped);
            else
                // Full, and nothing to take: a reader has claimed the oldest and not handed over its slot yet.
                patience.SpinOnce();
        }

        return true;
    }

    /// <summary>Writes an item where there is room; the side is entered.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Put(ItemRing<object?> items, object? item)
    {
        bool written = WriteTo(items, item) || (_whenFull == RingFullAction.DropOldest && Displace(items, item));
        if (written)
            _waitingReaders.Wake();
        return written;
    }

    /// <summary>Asks for the type first, so that the compiler knows the method, and puts it in here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool WriteTo(ItemRing<object?> items, object? item) => items switch
    {
        SpscRing<object?> ring => ring.TryWrite(item),
        MpmcRing<object?> ring => ring.TryWrite(item),
        _ => items.TryWrite(item),
    };

    /// <summary>Waits inside the side: where there is one writer, another that comes meanwhile is refused.</summary>
    private bool WriteWhenThereIsRoom(object? item, RingDeadline deadline)
    {
        _waitingWriters.CountStall();
        SideClaim? claim = _writer?.Enter();
        try
        {
            SpinWait patience = default;
            while (WaitingSide.LookAgain(ref patience))
            {
                if (Put(OpenToWrite(), item))
                    return true;
            }

            while (true)
            {
                long wakes = _waitingWriters.Announce();
                try
                {
                    if (Put(OpenToWrite(), item))
                        return true;
                    if (!WaitingSide.HasSense(deadline, out TimeSpan time))
                        return false;
                    _waitingWriters.Sleep(wakes, time);
                }
                finally
                {
                    _waitingWriters.Withdraw();
                }
            }
        }
        finally
        {
            Leave(claim);
        }
    }
}
