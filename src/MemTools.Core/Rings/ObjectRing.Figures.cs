namespace MemTools.Rings;

/// <content>What it tells of itself, from any thread: while others write and read, figures of one look fit together roughly.</content>
public sealed partial class ObjectRing
{
    // As they were when the ring was closed.
    private long _lastTail;
    private long _lastHead;

    /// <summary>Objects that it holds.</summary>
    public override long Used => _items?.Count ?? Math.Clamp(_lastTail - _lastHead, 0, _capacity);

    /// <summary>Objects written since it was made.</summary>
    public override long TotalWritten => (_items?.Tail ?? _lastTail) - _first;

    /// <summary>Objects taken out since it was made, those that Clear threw away included.</summary>
    public override long TotalRead => (_items?.Head ?? _lastHead) - _first - Dropped;

    /// <summary>Objects that were dropped for newer ones before anybody read them.</summary>
    public override long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public override long WriteStalls => _waitingWriters.Stalls;

    /// <inheritdoc/>
    public override long ReadStalls => _waitingReaders.Stalls;
}
