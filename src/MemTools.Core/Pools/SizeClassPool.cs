using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Blocks of any size, for any number of threads, in three levels as in tcmalloc: each thread has a cache with a list of
/// free blocks for each class of sizes; caches and central lists move batches; and a page heap cuts runs of pages
/// (spans) into blocks, joins free ones and gives mappings back to the kernel that are wholly free. Blocks of more than
/// 256 KiB are spans of their own.
/// </summary>
/// <remarks>All methods may be called by any thread at any time.</remarks>
public sealed unsafe partial class SizeClassPool : MemoryPool
{
    private const int Idle = 0;
    private const int AtWork = 1;
    private const int InSession = 2;

    /// <summary>A cache does not keep more bytes of one class than that.</summary>
    private const int MostBytesOfList = 256 * 1024;

    [ThreadStatic]
    private static SizeClassCache?[]? t_caches;

    internal readonly PageHeap Pages;
    internal readonly SpanMap Map = new();

    private readonly PoolNumber _number = new();
    private readonly object _gate = new();
    private readonly CentralList[] _central;
    private readonly List<SizeClassCache> _caches = [];
    private readonly SizeClassPoolOptions _options;
    private readonly bool _tracks;
    private volatile bool _stopped;
    private volatile bool _closed;
    private long _rents;
    private long _returns;
    private long _failures;
    private long _highWaterMark;
    private long _largeOut;

    /// <summary>Blocks that are rented or in threads' caches.</summary>
    private long _out;

    private SizeClassPool(string name, SizeClassPoolOptions options)
        : base(name)
    {
        if (options.MaximumSize < SpanMap.PageSize)
            throw new MemToolsException(ErrorKind.Misuse, $"A -MaximumSize of {options.MaximumSize} bytes has no room for a span, which has at least {SpanMap.PageSize}.");
        _options = options;
        _tracks = options.Track || LeakTracking.IsEnabled;
        Pages = new(this, Map, options.MaximumSize ?? PoolMemory.Largest);
        _central = [.. Enumerable.Range(0, SizeClasses.Count).Select(index => new CentralList(this, index))];
    }

    /// <inheritdoc/>
    public override string Kind => "SizeClass";

    /// <inheritdoc/>
    public override long? BlockSize => null;

    /// <inheritdoc/>
    public override long? Blocks => null;

    /// <inheritdoc/>
    public override long InUse
    {
        get
        {
            (long rents, long returns) = Totals();
            return _closed ? 0 : Math.Max(0, rents - returns);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Exact where one thread works at a time. Of several the pool sees what they have when one of them comes to the shared
    /// lists, so that their most together is known to a batch for each.
    /// </remarks>
    public override long HighWaterMark
    {
        get
        {
            lock (_gate)
                return MarkHighWater();
        }
    }

    /// <inheritdoc/>
    public override long MappedBytes => Pages.Mapped;

    /// <inheritdoc/>
    public override long? ResidentBytes
    {
        get
        {
            Mapping[] memory;
            lock (_gate)
                memory = [.. Pages.Arenas.Select(arena => arena.Memory)];
            return _closed ? null : PoolMemory.Resident(memory);
        }
    }

    /// <summary>The most bytes that it may map; null for no limit.</summary>
    public long? MaximumSize => _options.MaximumSize;

    /// <inheritdoc/>
    public override long Growths => Pages.Growths;

    /// <inheritdoc/>
    public override long Failures => _failures;

    /// <inheritdoc/>
    /// <remarks>The ends of spans. What a block is larger than was asked for is known to its handle alone.</remarks>
    public override long WasteBytes
    {
        get
        {
            lock (_gate)
                return Pages.Spans.Where(span => span.Class >= 0).Sum(span => span.Bytes - ((long)span.Capacity * SizeClasses.Size(span.Class)));
        }
    }

    /// <inheritdoc/>
    public override long TotalRents => Totals().Rents;

    /// <inheritdoc/>
    public override bool IsDisposed => _closed;

    /// <inheritdoc/>
    public override bool IsTracking => _tracks;

    /// <summary>Makes a pool. It maps nothing before the first rent.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <exception cref="MemToolsException">Options that make no sense.</exception>
    public static SizeClassPool Create(SizeClassPoolOptions? options = null)
    {
        SizeClassPoolOptions chosen = options ?? new();
        return Register(chosen.Name, name => new SizeClassPool(name, chosen));
    }

    /// <summary>The size that blocks of a length really have, in bytes.</summary>
    /// <param name="length">What is asked for, 0 or more.</param>
    public static long SizeFor(long length)
    {
        CheckLength(length);
        return length <= SizeClasses.Largest ? SizeClasses.Size(SizeClasses.Of((uint)length)) : PoolMemory.RoundUp(length, SpanMap.PageSize);
    }

    /// <summary>Takes a block of a length. Its bytes are what they were.</summary>
    /// <param name="length">In bytes; a block of 0 bytes has an address of its own too.</param>
    /// <exception cref="MemToolsException">PoolExhausted beyond the maximum; OutOfMemory; Misuse for a length that cannot be.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public PoolBlock Rent(long length)
    {
        CheckLength(length);
        nint block = length <= SizeClasses.Largest ? RentSmall(SizeClasses.Of((uint)length)) : RentLarge(length);
        return Stamp(block, length);
    }

    /// <inheritdoc/>
    public override void Return(PoolBlock block)
    {
        nint address = Unstamp(block);
        ReturnAddress(address);
    }

    /// <summary>Begins a session of the calling thread: its cache is reached without looking for it each time.</summary>
    /// <exception cref="MemToolsException">Misuse: this thread has one already.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public SizeClassSession OpenSession()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            SizeClassCache cache = Own() ?? NewCache();
            if (cache.State->Busy == InSession)
                throw new MemToolsException(ErrorKind.Misuse, $"This thread has a session of the pool '{Name}' open. Dispose the session first.");
            cache.State->Busy = InSession;
            return new(this, cache);
        }
    }

    /// <inheritdoc/>
    public override long Trim()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            Stop();
            EmptyAll();
            _stopped = false;
            foreach (CentralList list in _central)
                list.Flush();
            return Pages.Trim();
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<RentedBlock> GetRented()
    {
        lock (_gate)
        {
            return [.. Pages.Spans.Select(span => span.KnownTable).OfType<BlockTable>()
                .SelectMany(table => Enumerable.Range(0, table.Count).Where(table.IsRented).Select(index => new RentedBlock
                {
                    Pool = Name,
                    Address = (ulong)table.AddressOf(index),
                    Length = table.BlockLength,
                    RentedAt = table.NotedAt(index)?.ToString(),
                }))];
        }
    }

    /// <summary>What lies in each of the three levels.</summary>
    public SizeClassStatistics GetStatistics()
    {
        lock (_gate)
        {
            ThrowIfClosed();
            return new()
            {
                ThreadCaches = _caches.Count,
                ThreadCacheBytes = CachedBytes(),
                CentralBytes = BatchBytes()
                    + Pages.Spans.Where(span => span.Class >= 0).Sum(span => (long)(span.Carved - span.Out) * SizeClasses.Size(span.Class)),
                SpansInUse = Pages.Spans.Count(span => span.Class != Span.Free),
                FreeSpans = Pages.FreeSpans,
                FreeSpanBytes = Pages.FreeBytes,
                ReleasedBytes = Pages.ReleasedBytes,
                MappedBytes = Pages.Mapped,
                LargeBlocks = _largeOut,
            };
        }
    }

    internal Span? SpanOf(nint block)
    {
        uint entry = Map.Entry(block);
        return SpanMap.ClassOf(entry) == 0 ? null : Pages.Find(SpanMap.NumberOf(entry));
    }

    internal MemToolsException Exhausted(long bytes)
    {
        _failures++;
        return new(
            ErrorKind.PoolExhausted,
            $"The pool '{Name}' has mapped {HumanUnits.Size(Pages.Mapped)} and would need {HumanUnits.Size(bytes)} more, beyond its -MaximumSize of {HumanUnits.Size(_options.MaximumSize ?? PoolMemory.Largest)}. Return some blocks, or make a pool with more room.");
    }

    private protected override void Close()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            bool used = Totals() is var (rents, returns) && rents > returns;
            Stop();
            used |= _caches.Exists(cache => cache.State->Busy == InSession);
            EmptyAll(throwAway: true);
            _closed = true;
            foreach (Arena arena in Pages.Close())
            {
                // Whoever is using a block at this moment goes on with zeros rather than with a crash.
                if (used)
                    AnonymousMapping.Discard(arena.Memory);
                else
                    arena.Memory.Dispose();
            }
        }
    }

    private static void CheckLength(long length)
    {
        if (length is < 0 or > PoolMemory.Largest)
            throw new MemToolsException(ErrorKind.Misuse, $"A block has 0 bytes to {HumanUnits.Size(PoolMemory.Largest)}, not {length} bytes.");
    }

    private void ThrowIfClosed()
    {
        if (_closed)
            throw Gone();
    }

    internal PoolBlock Stamp(nint block, long length)
    {
        if (SpanOf(block) is not { } span)
            throw _closed ? Gone() : PoolErrors.Broken(this, block);
        BlockTable table = span.Table(this);
        // Nobody else can have taken it, unless a raw handle was returned twice.
        if (!table.TryRent(block, out long generation, out uint place, out int number))
            throw PoolErrors.Broken(this, block);
        if (_tracks)
            table.Note(number, RentPlace.Here());
        return new(table, place, generation, (int)(table.BlockLength - length));
    }

    /// <summary>Ends a handle, and returns the address that is to be returned.</summary>
    internal nint Unstamp(PoolBlock block)
    {
        if (block.Table is not { } table)
            throw PoolErrors.Invalid(block);
        if (table.Pool != this)
            throw PoolErrors.Foreign(this, block.Address, table.Pool);
        ThrowIfClosed();
        if (Interlocked.CompareExchange(ref table.GenerationAt(block.Place), block.Generation + 1, block.Generation) != block.Generation)
            throw PoolErrors.Returned(this, block.Address);
        return table.AddressAt(block.Place);
    }
}
