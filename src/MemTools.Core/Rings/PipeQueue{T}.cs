using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// An unbounded queue between one thread that writes and one that reads, without locks: ZeroMQ's design. What is written
/// becomes visible when it is published, any number of items by one atomic operation, and the reader takes notice of all
/// that is published at once. Items lie in chunks; the one that the reader has emptied last is kept for the writer, so that
/// a queue of steady length allocates nothing.
/// </summary>
/// <remarks>
/// At any moment at most one thread may write and one read. Which ones they are may change where something puts their calls
/// in order. It does not watch over that; <see cref="PipeQueue"/> does.
/// </remarks>
/// <typeparam name="T">What it holds. References are cleared when they are read, so that nothing is kept alive.</typeparam>
public sealed class PipeQueue<T>
{
    private readonly int _chunkSize;

    /// <summary>Where the reader waits. Its <c>_waiting</c> is the reader's, and the writer looks at it after it has shown something.</summary>
    private readonly object _gate = new();

    private PipeIndices _at;

    /// <summary>The chunk that is written to. The writer's alone.</summary>
    private PipeChunk<T> _back;

    /// <summary>The chunk that is read from. The reader's alone.</summary>
    private PipeChunk<T> _front;

    /// <summary>An empty chunk, or null. Whoever exchanges it owns what it got: the reader gives, the writer takes.</summary>
    private PipeChunk<T>? _spare;

    /// <summary>Whether the reader waits, or is about to. The reader's.</summary>
    private bool _waiting;

    /// <summary>Whether the end was declared. Set once, by the writer or by whoever takes the queue away.</summary>
    private bool _completed;

    private long _stalls;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="chunkSize">How many items a chunk holds, from 1 to 2^20.</param>
    /// <exception cref="MemToolsException">The chunk size is out of range.</exception>
    public PipeQueue(int chunkSize = 256)
        : this(chunkSize, first: 0)
    {
    }

    /// <param name="chunkSize">As above.</param>
    /// <param name="first">What the counters begin with: near 2^32 in tests.</param>
    internal PipeQueue(int chunkSize, long first)
    {
        if (chunkSize is < 1 or > 1 << 20)
            throw new MemToolsException(ErrorKind.Misuse, $"A chunk holds from 1 to {1 << 20:N0} items, and not {chunkSize:N0}.");
        _chunkSize = chunkSize;
        _back = _front = new(chunkSize);
        _at.Written = _at.Whole = _at.Published = _at.Shown = _at.Read = _at.Known = first;
    }

    /// <summary>How many items a chunk holds.</summary>
    public int ChunkSize => _chunkSize;

    /// <summary>How many published items nobody has read yet; while the other side works, a moment old.</summary>
    public long Count
    {
        get
        {
            long read = Volatile.Read(ref _at.Read);
            return Math.Max(0, Volatile.Read(ref _at.Published) - read);
        }
    }

    /// <summary>How many items were written and are not published, those of an unfinished message included.</summary>
    public long Unpublished => Math.Max(0, Volatile.Read(ref _at.Written) - Volatile.Read(ref _at.Published));

    /// <summary>Whether the end was declared.</summary>
    public bool IsCompleted => Volatile.Read(ref _completed);

    /// <summary>How often the reader had to wait.</summary>
    public long ReadStalls => Volatile.Read(ref _stalls);

    /// <summary>How many items were ever published, and what the counter began with.</summary>
    internal long Published => Volatile.Read(ref _at.Published);

    /// <summary>How many items were ever read, and what the counter began with.</summary>
    internal long Read => Volatile.Read(ref _at.Read);

    /// <summary>Writes an item, which the reader does not see until it is published. The writer's.</summary>
    /// <param name="item">The item.</param>
    /// <param name="incomplete">Whether more parts of the same message follow: publication does not show it before these.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T item, bool incomplete = false)
    {
        if (_at.WriteAt == _chunkSize)
            BeginChunk();
        _back.Item(_at.WriteAt++) = item;
        _at.Written++;
        if (!incomplete)
            _at.Whole = _at.Written;
    }

    /// <summary>Makes what was written so far a whole message, where its last part was written as incomplete. The writer's.</summary>
    public void EndMessage() => _at.Whole = _at.Written;

    /// <summary>Takes back the last part of the message that is not finished yet. The writer's.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryUnwrite([MaybeNullWhen(false)] out T item)
    {
        if (_at.Written != _at.Whole)
        {
            item = TakeBack();
            return true;
        }

        item = default;
        return false;
    }

    /// <summary>Takes back all that is not published, whole messages and parts. The writer's.</summary>
    /// <returns>How many items that were.</returns>
    public long UnwriteAll()
    {
        long count = _at.Written - _at.Published;
        while (_at.Written != _at.Published)
            TakeBack();
        _at.Whole = _at.Published;
        return count;
    }

    /// <summary>Shows the reader all whole messages that were written, and wakes it where it waits. The writer's.</summary>
    /// <returns>False where the reader had found the queue empty, and would sleep if it had nothing else to do.</returns>
    public bool Publish()
    {
        long whole = _at.Whole;
        if (whole == _at.Published)
            return true;
        // Full barrier, and so release: who sees the number sees the items, and the links between their chunks.
        bool awake = Interlocked.CompareExchange(ref _at.Shown, whole, _at.Published) == _at.Published;
        if (!awake)
        {
            // Asleep: the reader does not touch it until a number stands there. A full barrier between this and the look at
            // who waits; the reader has one between saying that it waits and its own look. One of the two sees the other.
            Interlocked.Exchange(ref _at.Shown, whole);
            if (Volatile.Read(ref _waiting))
                WakeReader();
        }

        Volatile.Write(ref _at.Published, whole);
        return awake;
    }

    /// <summary>
    /// Publishes what is whole and declares the end: the reader gets what is there, then stops. Parts of an unfinished
    /// message are never seen. The writer's.
    /// </summary>
    public void Complete()
    {
        Publish();
        End();
    }

    /// <summary>Reads the oldest item that is published. The reader's.</summary>
    /// <returns>Whether there was one. If not, the writer's next publication learns that the reader has to be woken.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead([MaybeNullWhen(false)] out T item)
    {
        if (_at.Read == _at.Known && !Prefetch())
        {
            item = default;
            return false;
        }

        if (_at.ReadAt == _chunkSize)
            EndChunk();
        ref T place = ref _front.Item(_at.ReadAt++);
        item = place;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            place = default!;
        // No more than a count for others to look at: the writer goes by chunks, which are exchanged.
        _at.Read++;
        return true;
    }

    /// <summary>Looks at the oldest item that is published, and leaves it there. The reader's.</summary>
    /// <returns>Whether there was one.</returns>
    public bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        if (_at.Read == _at.Known && !Prefetch())
        {
            item = default;
            return false;
        }

        if (_at.ReadAt == _chunkSize)
            EndChunk();
        item = _front.Item(_at.ReadAt);
        return true;
    }

    /// <summary>Reads the oldest item that is published, and waits for one. The reader's.</summary>
    /// <param name="item">The item.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more will come; TimedOut.</returns>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was read.</exception>
    public RingReadiness TryRead([MaybeNull] out T item, TimeSpan timeout, CancellationToken stop = default) =>
        TryRead(out item) ? RingReadiness.Ready : ReadWhenThereIsOne(out item, new(timeout, stop));

    /// <summary>Ends the wait of a reader, as if the end had been declared: for whoever takes the queue away. From any thread.</summary>
    internal void Abandon() => End();

    private RingReadiness ReadWhenThereIsOne([MaybeNull] out T item, RingDeadline deadline)
    {
        Volatile.Write(ref _stalls, _stalls + 1);
        SpinWait patience = default;
        while (WaitingSide.LookAgain(ref patience))
        {
            if (TryReadOrEnd(out item) is { } readiness)
                return readiness;
        }

        // Who wakes takes the gate: so nobody does between the look below and the sleep.
        lock (_gate)
        {
            Volatile.Write(ref _waiting, true);
            try
            {
                while (true)
                {
                    // The word before the look: see Publish and Complete.
                    Interlocked.MemoryBarrier();
                    if (TryReadOrEnd(out item) is { } readiness)
                        return readiness;
                    if (!WaitingSide.HasSense(deadline, out TimeSpan time))
                        return RingReadiness.TimedOut;
                    Monitor.Wait(_gate, time);
                }
            }
            finally
            {
                Volatile.Write(ref _waiting, false);
            }
        }
    }

    private void End()
    {
        // Release: who sees the end sees what was published before. The barrier as in Publish.
        Volatile.Write(ref _completed, true);
        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _waiting))
            WakeReader();
    }

    private void WakeReader()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>Null where there is nothing yet.</summary>
    private RingReadiness? TryReadOrEnd([MaybeNull] out T item)
    {
        // The end before the look: what was published before it is found.
        bool completed = IsCompleted;
        if (TryRead(out item))
            return RingReadiness.Ready;
        return completed ? RingReadiness.Completed : null;
    }

    /// <summary>Takes notice of all that is published; where that is nothing, says that the reader has to be woken.</summary>
    private bool Prefetch()
    {
        // Acquire, with the barrier in Publish. A look before the exchange: that would take the line away from the writer,
        // also where it changes nothing.
        long shown = Volatile.Read(ref _at.Shown);
        if (shown == _at.Read)
            shown = Interlocked.CompareExchange(ref _at.Shown, PipeIndices.Asleep, _at.Read);
        if (shown == _at.Read || shown == PipeIndices.Asleep)
            return false;
        _at.Known = shown;
        return true;
    }

    /// <summary>The writer goes on to another chunk: the spare one, where there is one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void BeginChunk()
    {
        // A full barrier: what the reader did with it before it gave it away is over.
        PipeChunk<T> chunk = Interlocked.Exchange(ref _spare, null) ?? new(_chunkSize);
        chunk.Previous = _back;
        // Seen by the reader not before the publication of something in that chunk.
        _back.Next = chunk;
        _back = chunk;
        _at.WriteAt = 0;
    }

    /// <summary>The reader goes on to the next chunk, and keeps the one that it has emptied for the writer.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndChunk()
    {
        PipeChunk<T> empty = _front;
        // Something in it is published, so the writer has left the empty one for good, and will not look at Previous.
        _front = empty.Next!;
        _front.Previous = null;
        empty.Next = null;
        _at.ReadAt = 0;
        // A full barrier, as in BeginChunk. The spare one that was there before is the collector's.
        Interlocked.Exchange(ref _spare, empty);
    }

    private T TakeBack()
    {
        if (_at.WriteAt == 0)
        {
            PipeChunk<T> left = _back;
            _back = left.Previous!;
            _back.Next = left.Previous = null;
            _at.WriteAt = _chunkSize;
            Interlocked.Exchange(ref _spare, left);
        }

        ref T place = ref _back.Item(--_at.WriteAt);
        T item = place;
        place = default!;
        _at.Written--;
        return item;
    }
}
