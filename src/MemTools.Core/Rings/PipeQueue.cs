using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// An unbounded queue of references to objects between one thread that writes and one that reads, which see each other's
/// work when the writer publishes it. Listed by name until it is disposed.
/// </summary>
/// <remarks>
/// One thread may write and one may read at a time, and these may be different threads from call to call. Two that overlap
/// in time are found out and refused (<see cref="ErrorKind.OverlappingUse"/>). After <see cref="Dispose"/> every method
/// throws ObjectDisposedException, also those that wait; properties keep their last values. Not enumerable, so that a
/// pipeline never unrolls it.
/// </remarks>
public sealed class PipeQueue : ILiveObject
{
    private static readonly LiveObjects<PipeQueue> Live = new("pipe queue");

    private readonly SoleSide _writer;
    private readonly SoleSide _reader;

    // Null when it is closed: a call that is under way has its own reference.
    private volatile PipeQueue<object?>? _items;

    // As they were when it was closed.
    private Figures _last;

    private PipeQueue(string name, int chunkSize)
    {
        Name = name;
        ChunkSize = chunkSize;
        _items = new(chunkSize);
        _writer = new("writes to", name);
        _reader = new("reads from", name);
    }

    /// <summary>What commands know it by.</summary>
    public string Name { get; }

    /// <summary>How many objects lie in a chunk.</summary>
    public int ChunkSize { get; }

    /// <summary>How many published objects nobody has read yet.</summary>
    public long Count => Look().Count;

    /// <summary>How many objects were written and are not published, those of an unfinished message included.</summary>
    public long Unpublished => Look().Unpublished;

    /// <summary>Whether there is nothing to read.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Whether its end was declared: nothing more is written, and readers stop when it is empty.</summary>
    public bool IsCompleted => Look().IsCompleted;

    /// <summary>Objects published since it was made.</summary>
    public long TotalPublished => Look().Published;

    /// <summary>Objects read since it was made.</summary>
    public long TotalRead => Look().Read;

    /// <summary>How often a reader had to wait.</summary>
    public long ReadStalls => Look().ReadStalls;

    /// <summary>Whether it has been disposed.</summary>
    public bool IsClosed => _items is null;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="chunkSize">How many objects a chunk holds, from 1 to 2^20.</param>
    /// <param name="name">What commands know it by; with a number after it where another queue has that name.</param>
    /// <exception cref="MemToolsException">The chunk size is out of range.</exception>
    public static PipeQueue Create(int chunkSize = 256, string name = "queue") => Live.Add(name, free => new(free, chunkSize));

    /// <summary>Those that live, also those that nobody refers to any more.</summary>
    public static IReadOnlyList<PipeQueue> GetAll() => Live.All();

    /// <summary>Writes an object, which the reader does not see until it is published.</summary>
    /// <param name="item">The object; null is one too.</param>
    /// <param name="incomplete">Whether more parts of the same message follow: publication does not show it before these.</param>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public void Write(object? item, bool incomplete = false)
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToWrite();
        items.Write(item, incomplete);
        SoleSide.Leave(claim);
    }

    /// <summary>Makes what was written so far a whole message, where its last part was written as incomplete.</summary>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public void EndMessage()
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToWrite();
        items.EndMessage();
        SoleSide.Leave(claim);
    }

    /// <summary>Takes back the last part of the message that is not finished yet.</summary>
    /// <param name="item">The part.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public bool TryUnwrite(out object? item)
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToWrite();
        bool any = items.TryUnwrite(out item);
        SoleSide.Leave(claim);
        return any;
    }

    /// <summary>Takes back all that is not published, whole messages and parts.</summary>
    /// <returns>How many objects that were.</returns>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public long UnwriteAll()
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToWrite();
        long count = items.UnwriteAll();
        SoleSide.Leave(claim);
        return count;
    }

    /// <summary>Shows the reader all whole messages that were written, and wakes it where it waits.</summary>
    /// <returns>How many objects became visible.</returns>
    /// <exception cref="MemToolsException">Completed; OverlappingUse.</exception>
    public long Publish()
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToWrite();
        long before = items.Published;
        items.Publish();
        long count = items.Published - before;
        SoleSide.Leave(claim);
        return count;
    }

    /// <summary>
    /// Publishes what is whole and declares the end: the reader gets what is there, then stops. Parts of an unfinished
    /// message are never seen. Doing it again does nothing.
    /// </summary>
    /// <exception cref="MemToolsException">OverlappingUse: a thread writes at this moment.</exception>
    public void Complete()
    {
        PipeQueue<object?> items = Open();
        SideClaim claim = _writer.Enter();
        items.Complete();
        SoleSide.Leave(claim);
    }

    /// <summary>Reads the oldest object that is published, without waiting.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    public bool TryRead(out object? item)
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToRead();
        bool any = items.TryRead(out item);
        SoleSide.Leave(claim);
        return any;
    }

    /// <summary>Looks at the oldest object that is published, and leaves it there.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    public bool TryPeek(out object? item)
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToRead();
        bool any = items.TryPeek(out item);
        SoleSide.Leave(claim);
        return any;
    }

    /// <summary>Reads the oldest object that is published, and waits for it. Being inside, it keeps other readers out.</summary>
    /// <param name="item">The object, which may be null.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more will come; TimedOut.</returns>
    /// <exception cref="MemToolsException">OverlappingUse.</exception>
    /// <exception cref="OperationCanceledException">It was stopped; nothing was read.</exception>
    public RingReadiness TryRead(out object? item, TimeSpan timeout, CancellationToken stop = default)
    {
        (PipeQueue<object?> items, SideClaim claim) = EnterToRead();
        try
        {
            RingReadiness readiness = items.TryRead(out item, timeout, stop);
            // Taking the queue away ends the wait, by ending the data.
            return readiness == RingReadiness.Completed && IsClosed ? throw Disposed() : readiness;
        }
        finally
        {
            SoleSide.Leave(claim);
        }
    }

    /// <summary>Lets go of all that it holds, and ends the calls that wait. Doing it again does nothing.</summary>
    public void Dispose()
    {
        Live.Remove(this);
        if (_items is not { } items)
            return;
        _last = Look();
        _items = null;
        items.Abandon();
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    private (PipeQueue<object?> Items, SideClaim Claim) EnterToWrite()
    {
        PipeQueue<object?> items = Open();
        if (items.IsCompleted)
        {
            // Who closes the queue completes it too, for those that wait in it.
            throw IsClosed ? Disposed() : new MemToolsException(ErrorKind.Completed, $"'{Name}' was completed: nothing more can be written to it.");
        }

        return (items, _writer.Enter());
    }

    private (PipeQueue<object?> Items, SideClaim Claim) EnterToRead() => (Open(), _reader.Enter());

    private PipeQueue<object?> Open() => _items ?? throw Disposed();

    private ObjectDisposedException Disposed() => new(Name, $"The pipe queue '{Name}' has been removed.");

    private Figures Look() => _items is { } items
        ? new(items.Count, items.Unpublished, items.IsCompleted, items.Published, items.Read, items.ReadStalls)
        : _last;

    private readonly record struct Figures(
        long Count, long Unpublished, bool IsCompleted, long Published, long Read, long ReadStalls);
}
