namespace MemTools.Rings;

/// <summary>
/// What a reader of a ring gets, in turn. An item leaves the ring when it is asked for and not before, so that whoever stops
/// asking leaves the rest where it is.
/// </summary>
internal sealed class RingItemReader
{
    /// <summary>How often a reader that never has to wait looks whether it is to stop.</summary>
    private const int LookEvery = 64;

    private readonly RingItems _items;
    private readonly CancellationToken _stop;
    private readonly TimeSpan _timeout;
    private readonly long _waitsFor;
    private long _limit;
    private long _taken;
    private bool _waits;

    /// <exception cref="Kernel.MemToolsException">Misuse: the ring has nothing of that kind.</exception>
    /// <exception cref="ObjectDisposedException">The ring has been removed.</exception>
    internal RingItemReader(RingBuffer ring, RingReading reading, CancellationToken stop)
    {
        _items = RingItems.Of(ring, reading);
        _stop = stop;
        _timeout = reading.Timeout ?? Timeout.InfiniteTimeSpan;
        _limit = _items.ItemsOf(reading.Count ?? long.MaxValue);
        _waitsFor = Math.Min(_items.ItemsOf(reading.WaitsFor), _limit);
        _waits = true;
    }

    /// <summary>Bytes that were taken out of the ring and that a failure kept from being handed over; null for none.</summary>
    internal byte[]? Unread => _items.Unread;

    /// <summary>The next item; false where there is no more of them.</summary>
    /// <exception cref="Kernel.MemToolsException">As the ring's calls.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    internal bool TryNext(out object? item)
    {
        item = null;
        if (_taken % LookEvery == 0)
            _stop.ThrowIfCancellationRequested();
        if (_waits && _taken >= _waitsFor)
            EndWaiting();
        if (_taken >= _limit || !(_waits ? _items.TryTakeWaiting(_timeout, _stop, out item) : TakeNow(out item)))
            return false;
        _taken++;
        return true;
    }

    /// <summary>From here on only what is there already, or a fast writer would keep the reader for ever.</summary>
    private void EndWaiting()
    {
        _waits = false;
        _limit = _taken + Math.Min(_items.CountNow(), _limit - _taken);
    }

    private bool TakeNow(out object? item) => _items.TryTake(out item) || _items.TryTakeLess(out item);
}
