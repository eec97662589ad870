using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Memory for things that end together, such as all that one request needs: a block is the next piece of a chunk, which
/// costs an addition; nothing is given back singly; and a reset drops everything at once, as nginx's pools do. Large
/// blocks have mappings of their own. Handlers that were registered run at the reset, the last one first.
/// </summary>
/// <remarks>Methods may be called by any thread; it is fastest when one thread uses it.</remarks>
public sealed partial class RegionPool : MemoryPool
{
    private const long LargestChunk = 1L << 30;

    private readonly BiasedLock _lock = new();
    private readonly List<RegionChunk> _chunks = [];
    private readonly List<BlockTable?> _large = [];
    private readonly List<Action> _handlers = [];
    private readonly List<RegionMark> _marks = [];
    private readonly DroppedRents _dropped = new();
    private BiasedLock.Claim? _session;

    /// <summary>The thread that is at work within the lock, where it may call itself again.</summary>
    private volatile Thread? _entered;

    /// <summary>The chunk that blocks are cut from; -1 before the first.</summary>
    private int _chunk = -1;
    private nint _at;
    private nint _end;
    private long _serial;
    private long _live;
    private long _highWaterMark;
    private long _growths;
    private long _failures;
    private long _largeBytes;
    private volatile bool _closed;

    private RegionPool(string name, RegionPoolOptions options)
        : base(name)
    {
        if (options.ChunkSize is < 1 or > LargestChunk)
            throw new MemToolsException(ErrorKind.Misuse, $"A chunk has 1 byte to {HumanUnits.Size(LargestChunk)}, not {options.ChunkSize} bytes. Larger blocks have mappings of their own.");
        ChunkSize = PoolMemory.WholePages(options.ChunkSize);
    }

    /// <inheritdoc/>
    public override string Kind => "Region";

    /// <summary>Bytes of each chunk.</summary>
    public long ChunkSize { get; }

    /// <summary>Blocks of more bytes than that have mappings of their own.</summary>
    public long LargeSize => ChunkSize / 2;

    /// <inheritdoc/>
    public override long? BlockSize => null;

    /// <inheritdoc/>
    public override long? Blocks => null;

    /// <summary>How many chunks it has.</summary>
    public int Chunks => _chunks.Count;

    /// <summary>How many large blocks it has.</summary>
    public int LargeBlocks => _large.Count(one => one is not null);

    /// <summary>How many clean-up handlers wait for the reset.</summary>
    public int Handlers => _handlers.Count;

    /// <inheritdoc/>
    public override long InUse => _closed ? 0 : _live;

    /// <inheritdoc/>
    public override long HighWaterMark => Math.Max(_highWaterMark, _live);

    /// <inheritdoc/>
    public override long MappedBytes => _closed ? 0 : (_chunks.Count * ChunkSize) + _largeBytes;

    /// <summary>Bytes of the chunks that blocks take now.</summary>
    public long UsedBytes => Look(() => _chunk < 0 ? 0 : _chunks.Take(_chunk).Sum(chunk => (long)(chunk.UsedEnd - chunk.Start)) + (_at - _chunks[_chunk].Start));

    /// <inheritdoc/>
    public override long? ResidentBytes =>
        _closed ? null : PoolMemory.Resident(Look(() => _chunks.Select(chunk => chunk.Memory).Concat(_large.OfType<BlockTable>().Select(one => one.Memory)).ToArray()));

    /// <inheritdoc/>
    public override long Growths => _growths;

    /// <inheritdoc/>
    public override long Failures => _failures;

    /// <inheritdoc/>
    /// <remarks>The ends of chunks that had no room for the next block.</remarks>
    public override long WasteBytes => Look(() => _chunks.Take(Math.Max(0, _chunk)).Sum(chunk => (long)(chunk.End - chunk.UsedEnd)));

    /// <inheritdoc/>
    public override long TotalRents => _serial;

    /// <inheritdoc/>
    public override bool IsDisposed => _closed;

    /// <inheritdoc/>
    public override bool IsTracking => false;

    /// <summary>Makes a region. It maps nothing before the first rent.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <exception cref="MemToolsException">Options that make no sense.</exception>
    public static RegionPool Create(RegionPoolOptions? options = null)
    {
        RegionPoolOptions chosen = options ?? new();
        return Register(chosen.Name, name => new RegionPool(name, chosen));
    }

    /// <summary>Takes a block of a length, aligned to 16 bytes. Its bytes are what they were.</summary>
    /// <param name="length">In bytes, 0 or more.</param>
    /// <exception cref="MemToolsException">OutOfMemory and others; Misuse for a length that cannot be.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public PoolBlock Rent(long length)
    {
        if (length is < 0 or > PoolMemory.Largest)
            throw new MemToolsException(ErrorKind.Misuse, $"A block has 0 bytes to {HumanUnits.Size(PoolMemory.Largest)}, not {length} bytes.");
        BiasedLock.Claim? claim = Enter();
        try
        {
            ThrowIfClosed();
            return length > LargeSize ? RentLarge(length) : RentFromChunk(length);
        }
        finally
        {
            Exit(claim);
        }
    }

    /// <inheritdoc/>
    /// <remarks>A large block is unmapped at once. The bytes of another one are not used again before the reset.</remarks>
    public override void Return(PoolBlock block)
    {
        if (block.Table is not { } table)
            throw PoolErrors.Invalid(block);
        if (table.Pool != this)
            throw PoolErrors.Foreign(this, block.Address, table.Pool);
        Locked(() =>
        {
            ThrowIfClosed();
            if (IsOver(block.Generation))
                throw PoolErrors.Returned(this, block.Address);
            _dropped.Drop(block.Generation);
            _live--;
            foreach (RegionMark mark in _marks.Where(mark => mark.Position.Serial >= block.Generation))
                mark.Position = mark.Position with { Live = mark.Position.Live - 1 };
            int large = _large.IndexOf(table);
            if (large >= 0)
                Unmap(large);
            return 0;
        });
    }

    /// <summary>Has something done when what is rented from now on is dropped: at the reset, or the pool's removal.</summary>
    /// <param name="handler">What to do. The last one that was registered runs first; all run, whatever they throw.</param>
    public void AddCleanup(Action handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Locked(() =>
        {
            ThrowIfClosed();
            _handlers.Add(handler);
            return 0;
        });
    }

    /// <summary>Sets a mark to reset to.</summary>
    public RegionMark Mark() => Locked(() =>
    {
        ThrowIfClosed();
        RegionMark mark = new(this, new(_chunk, _at, _large.Count, _handlers.Count, _serial, _live));
        _marks.Add(mark);
        return mark;
    });

    /// <summary>Drops everything: handlers run, large blocks are unmapped, and the chunks are used from the beginning.</summary>
    /// <exception cref="AggregateException">What handlers threw; the reset is done all the same.</exception>
    public void Reset() => ResetTo(null);

    /// <summary>Drops what was rented and registered since a mark, and the marks that were set since.</summary>
    /// <param name="mark">A mark of this pool.</param>
    /// <exception cref="MemToolsException">Misuse: the pool has been reset to it, or to an earlier place.</exception>
    public void Reset(RegionMark mark)
    {
        ArgumentNullException.ThrowIfNull(mark);
        ResetTo(mark);
    }

    /// <summary>Unmaps the chunks that no block lies in.</summary>
    public override long Trim() => Locked(() =>
    {
        ThrowIfClosed();
        int used = _live == 0 && _chunk == 0 && _at == _chunks[0].Start && _marks.Count == 0 ? 0 : _chunk + 1;
        long trimmed = (_chunks.Count - used) * ChunkSize;
        foreach (RegionChunk chunk in _chunks.Skip(used))
            chunk.Memory.Dispose();
        _chunks.RemoveRange(used, _chunks.Count - used);
        if (used == 0)
            (_chunk, _at, _end) = (-1, 0, 0);
        return trimmed;
    });

    /// <inheritdoc/>
    /// <remarks>A region does not know its blocks singly, so that this is empty.</remarks>
    public override IReadOnlyList<RentedBlock> GetRented() => [];

    internal override bool IsRented(BlockTable table, uint place, long generation) =>
        !_closed && Look(() => !IsOver(generation));

    internal bool Knows(RegionMark mark) => !_closed && Look(() => _marks.Contains(mark));
}
