using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// A ring of references to objects, for threads of one process. What is read is forgotten by the ring, so that it keeps
/// nothing alive but what it holds.
/// </summary>
/// <remarks>
/// Safe from any number of threads, unless it is made for a single writer and reader: then two that overlap in time are
/// found out and refused (<see cref="ErrorKind.OverlappingUse"/>), while taking turns is legal. The objects are not copied:
/// whether these can be used by two threads is up to them. After <see cref="RingBuffer.Dispose()"/> every method throws
/// ObjectDisposedException, also those that wait; properties keep their last values.
/// </remarks>
public sealed partial class ObjectRing : RingBuffer
{
    private readonly long _first;
    private readonly int _capacity;
    private readonly RingConcurrency _concurrency;
    private readonly RingFullAction _whenFull;

    // Null where any number may write, or read.
    private readonly SoleSide? _writer;
    private readonly SoleSide? _reader;
    private readonly WaitingSide _waitingWriters = new();
    private readonly WaitingSide _waitingReaders = new();

    // Null when it is closed: a call that is under way has its own reference, and no memory goes under it.
    private volatile ItemRing<object?>? _items;
    private volatile bool _completed;
    private long _dropped;

    private ObjectRing(string name, ObjectRingOptions options, long first)
        : base(name)
    {
        _first = first;
        _concurrency = options.Concurrency;
        _whenFull = options.WhenFull;
        _items = Items(options, first);
        _capacity = _items.Capacity;
        if (_concurrency == RingConcurrency.SingleProducer)
        {
            _writer = new("writes to", name);
            _reader = new("reads from", name);
        }
    }

    /// <inheritdoc/>
    public override string Kind => "Object";

    /// <summary>MultiProducer, SingleProducer or Spinlock (<see cref="RingConcurrency"/>).</summary>
    public string Concurrency => _concurrency.ToString();

    /// <inheritdoc/>
    public override string WhenFull => _whenFull.ToString();

    /// <summary>False: objects are this process's alone.</summary>
    public override bool IsShared => false;

    /// <inheritdoc/>
    public override bool IsCompleted => _completed;

    /// <inheritdoc/>
    public override bool IsClosed => _items is null;

    private protected override long CapacityOfRing => _capacity;

    /// <summary>Makes a ring.</summary>
    /// <param name="options">Capacity, how many threads, and what a write does where there is no room.</param>
    /// <exception cref="MemToolsException">The capacity makes no sense, or there is not that much memory.</exception>
    public static ObjectRing Create(ObjectRingOptions? options = null) => Create(options ?? new(), first: 0);

    /// <summary>The same with indices that begin elsewhere than at 0: near where they wrap, say.</summary>
    internal static ObjectRing Create(ObjectRingOptions options, long first)
    {
        try
        {
            return Add(options.Name, name => new ObjectRing(name, options, first));
        }
        catch (OutOfMemoryException e)
        {
            throw new MemToolsException(ErrorKind.OutOfMemory, $"There is no memory for a ring of {options.Capacity:N0} objects. A smaller -Capacity takes 8 to 16 bytes each.", e);
        }
    }

    /// <summary>
    /// Declares the end: further writes fail, those that wait for room too, and readers stop when they have read what is
    /// there. Any thread may call it; what a write publishes that is under way at that moment may come too late for a reader
    /// that stops.
    /// </summary>
    public override void Complete()
    {
        if (_items is null)
            throw Disposed();
        _completed = true;
        WakeEverybody();
    }

    /// <inheritdoc/>
    public override void Clear()
    {
        ItemRing<object?> items = Open();
        SideClaim? claim = _reader?.Enter();
        try
        {
            // Those that are there now: what writers bring meanwhile stays.
            for (long end = items.Tail; end - items.Head > 0 && items.TryRead(out _);)
            {
            }
        }
        finally
        {
            Leave(claim);
        }

        _waitingWriters.WakeAll();
    }

    private protected override void Close()
    {
        if (_items is not { } items)
            return;
        (_lastTail, _lastHead) = (items.Tail, items.Head);
        _items = null;
        WakeEverybody();
    }

    /// <summary>
    /// Where the oldest is dropped the writer reads, too: that takes a ring for several readers, also where there is one.
    /// </summary>
    private static ItemRing<object?> Items(ObjectRingOptions options, long first) => options.Concurrency switch
    {
        RingConcurrency.Spinlock => new SpinlockRing<object?>(options.Capacity, first),
        RingConcurrency.SingleProducer when options.WhenFull != RingFullAction.DropOldest => new SpscRing<object?>(options.Capacity, first),
        _ => new MpmcRing<object?>(options.Capacity, first),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(SideClaim? claim)
    {
        if (claim is not null)
            SoleSide.Leave(claim);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ItemRing<object?> Open() => _items ?? throw Disposed();

    private void WakeEverybody()
    {
        // The end before the look at who waits: the other half of what a sleeper does.
        Interlocked.MemoryBarrier();
        _waitingReaders.WakeAll();
        _waitingWriters.WakeAll();
    }
}
