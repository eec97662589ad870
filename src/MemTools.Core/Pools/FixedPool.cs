using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// Equal blocks out of a few large mappings. The free ones form a list that is kept in themselves, so that renting and
/// returning is taking the head of a list and putting one there (segregated storage, as in boost::pool).
/// </summary>
/// <remarks>
/// <see cref="Rent"/> and <see cref="Return"/> may be called by any thread at any time. A pool that is not concurrent is
/// fastest when one thread uses it: each change of thread costs microseconds. What counts nanoseconds opens a session.
/// </remarks>
public sealed unsafe partial class FixedPool : MemoryPool
{
    /// <summary>More than there can be, and than anybody can rent: their sum still is a number.</summary>
    private const long NoLimit = 1L << 62;

    /// <summary>How many blocks a session may have in hand; 0 where every step is the pool's.</summary>
    internal readonly long MostInHand;

    /// <summary>The table that was looked into last.</summary>
    internal BlockTable Recent = BlockTable.None;

    /// <summary>The head of the list of free blocks.</summary>
    internal nint Head;

    /// <summary>Blocks that were taken from the list or the fresh part.</summary>
    internal long Rents;

    /// <summary>Blocks that were put on the list.</summary>
    internal long Returns;

    /// <summary>Whatever keeps the pool from its shortest path.</summary>
    internal volatile PoolMode Mode;

    private readonly BiasedLock _lock = new();
    private readonly FixedPoolLayout _layout;
    private readonly FixedPoolOptions _options;
    private readonly GuardedBlocks? _guard;
    private readonly BlockDepot? _depot;
    private readonly bool _isShared;

    /// <summary>Blocks from here to <see cref="_freshEnd"/> have never been rented; their pages need not be there yet.</summary>
    private nint _fresh;
    private nint _freshEnd;

    private BlockTable[] _tables = [];
    private long _blocks;
    private long _mapped;
    private long _highWaterBefore;
    private long _growths = -1;
    private long _failures;

    private FixedPool(string name, FixedPoolOptions options)
        : base(name)
    {
        _options = options;
        _layout = new(options);
        Mode = (options.Concurrent && !options.Guard ? PoolMode.Concurrent : 0)
            | (options.Zero ? PoolMode.Zero : 0) | (options.Guard ? PoolMode.Guard : 0)
            | (!options.Guard && (options.Track || LeakTracking.IsEnabled) ? PoolMode.Track : 0);
        _guard = options.Guard ? new GuardedBlocks(this, _layout) : null;
        _depot = Has(PoolMode.Concurrent) ? new BlockDepot(this, _layout.Stride) : null;
        _isShared = _depot is not null;
        MostInHand = Has(PoolMode.Zero | PoolMode.Guard | PoolMode.Track) ? 0 : _depot?.BatchSize ?? NoLimit;
        Grow();
    }

    /// <inheritdoc/>
    public override string Kind => "Fixed";

    /// <inheritdoc/>
    public override long? BlockSize => _options.BlockSize;

    /// <summary>From one block to the next, in bytes.</summary>
    public long Stride => _layout.Stride;

    /// <summary>Every block's address is a multiple of it, in bytes.</summary>
    public long Alignment => _layout.Alignment;

    /// <summary>Double, Fixed or None (<see cref="PoolGrowth"/>).</summary>
    public string Growth => _options.Growth.ToString();

    /// <summary>The most bytes of blocks that it may have; null for no limit.</summary>
    public long? MaximumSize => _options.MaximumSize;

    /// <summary>Whether threads have caches of their own.</summary>
    public bool Concurrent => _options.Concurrent;

    /// <summary>Whether blocks are zero when they are rented.</summary>
    public bool Zero => _options.Zero;

    /// <summary>Whether blocks are watched.</summary>
    public bool Guard => _options.Guard;

    /// <summary>Whether its memory is never swapped.</summary>
    public bool Locked => _options.Locked;

    /// <summary>Whether it is made of huge pages.</summary>
    public bool HugePage => _options.HugePage;

    /// <inheritdoc/>
    public override long? Blocks => _blocks;

    /// <inheritdoc/>
    public override long InUse => IsDisposed ? 0 : Math.Max(0, TotalRents - Returns - (_depot?.Totals().Returns ?? 0));

    /// <inheritdoc/>
    /// <remarks>
    /// Exact in a pool that is not concurrent, and in a concurrent one where one thread works at a time. Of several the pool
    /// sees what they have when one of them comes to the shared list, so that their most together is known to a batch for each;
    /// of a session it knows how many blocks it took, not how many of them at the same time, up to a batch.
    /// </remarks>
    public override long HighWaterMark => _guard?.Peak ?? _depot?.HighWaterMark() ?? Math.Max(_highWaterBefore, Carved);

    /// <inheritdoc/>
    public override long MappedBytes => _mapped;

    /// <inheritdoc/>
    public override long? ResidentBytes => IsDisposed ? null : PoolMemory.Resident(_tables.Select(table => table.Memory));

    /// <summary>How many mappings it has now.</summary>
    public int Mappings => _tables.Length;

    /// <inheritdoc/>
    public override long Growths => Math.Max(0, _growths);

    /// <inheritdoc/>
    public override long Failures => _failures;

    /// <inheritdoc/>
    public override long WasteBytes => _mapped - (_blocks * _options.BlockSize);

    /// <inheritdoc/>
    public override long TotalRents => Rents + (_depot?.Totals().Rents ?? 0);

    /// <inheritdoc/>
    public override bool IsDisposed => Has(PoolMode.Closed);

    /// <inheritdoc/>
    public override bool IsTracking => Has(PoolMode.Guard | PoolMode.Track);

    /// <summary>Blocks that were rented at some time and are still mapped.</summary>
    internal long Carved => _blocks - ((_freshEnd - _fresh) / _layout.Stride);

    /// <summary>Makes a pool and maps its first blocks.</summary>
    /// <param name="options">What it is to be like.</param>
    /// <exception cref="MemToolsException">Options that make no sense; memory, locked memory or huge pages that cannot be had.</exception>
    public static FixedPool Create(FixedPoolOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Register(options.Name, name => new FixedPool(name, options));
    }

    /// <summary>Takes a block. Its bytes are what they were, unless the pool zeroes them.</summary>
    /// <exception cref="MemToolsException">PoolExhausted: all are rented, and it may not grow. OutOfMemory and others: it cannot.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public PoolBlock Rent()
    {
        if (Mode != PoolMode.Plain)
            return Mode == PoolMode.Concurrent ? RentConcurrent() : RentByMode();
        BiasedLock.Claim claim = _lock.Enter();
        nint block = Head;
        BlockTable table = Recent;
        if (table.TryRent(block, out long generation, out uint place, out int number))
        {
            Head = *(nint*)block;
            Rents++;
            BiasedLock.Exit(claim);
            return new(table, place, generation, number);
        }

        return RentWithin(claim);
    }

    /// <inheritdoc/>
    public override void Return(PoolBlock block)
    {
        if (Mode != PoolMode.Plain || block.Table is not { } table || table.Fixed != this)
        {
            if (Mode == PoolMode.Concurrent)
                ReturnConcurrent(block);
            else
                ReturnByMode(block);
            return;
        }

        BiasedLock.Claim claim = _lock.Enter();
        ref long generation = ref table.Generation(block.Detail);
        if (generation != block.Generation)
        {
            BiasedLock.Exit(claim);
            throw PoolErrors.Returned(this, block.Address);
        }

        generation++;
        nint address = table.AddressAt(block.Place);
        *(nint*)address = Head;
        Head = address;
        Returns++;
        BiasedLock.Exit(claim);
    }

    /// <summary>The list of free blocks that no thread has in its cache, for whoever holds the lock.</summary>
    internal ref nint List => ref Head;

    /// <summary>A block that has never been rented, for whoever holds the lock.</summary>
    internal bool TryCarve(out nint block)
    {
        block = _fresh;
        if (_fresh == _freshEnd)
            return false;
        _fresh += (nint)_layout.Stride;
        return true;
    }

    private bool Has(PoolMode mode) => (Mode & mode) != 0;

    /// <summary>Takes a block of a pool that is not concurrent: from the list, else a fresh one.</summary>
    private nint Take()
    {
        nint block = Head;
        if (block == 0)
            return TakeFresh();
        Head = *(nint*)block;
        Rents++;
        return Zeroed(block);
    }

    /// <summary>The kernel's pages are zero already.</summary>
    private nint TakeFresh()
    {
        if (_fresh == _freshEnd)
            Grow();
        nint block = _fresh;
        _fresh += (nint)_layout.Stride;
        Rents++;
        return block;
    }

    private void Put(nint block)
    {
        *(nint*)block = Head;
        Head = block;
        Returns++;
    }

    /// <summary>All that <see cref="Rent"/> does not do in a hurry. The lock is given up.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private PoolBlock RentWithin(BiasedLock.Claim claim)
    {
        try
        {
            return RentAlone();
        }
        finally
        {
            BiasedLock.Exit(claim);
        }
    }

    /// <summary>For the thread that has the lock.</summary>
    private PoolBlock RentAlone()
    {
        CheckHead();
        return Stamp(Take());
    }

    /// <summary>A link that somebody wrote over is followed only where it leads to a block.</summary>
    private void CheckHead()
    {
        if (IsDisposed)
            throw Gone();
        if (Head != 0 && FindFree(Head) is null)
            throw PoolErrors.Broken(this, Head);
    }

    /// <summary>The block is nobody else's, so that its generation is counted up by a plain store.</summary>
    private PoolBlock RentConcurrent()
    {
        nint block = _depot!.Rent();
        BlockTable table = Recent;
        return table.TryRent(block, out long generation, out uint place, out int number)
            ? new(table, place, generation, number)
            : Stamp(block);
    }

    /// <summary>Two threads may return it, so that its generation is counted up by one of them.</summary>
    private void ReturnConcurrent(in PoolBlock block)
    {
        if (block.Table is { } table && table.Fixed == this
            && Interlocked.CompareExchange(ref table.Generation(block.Detail), block.Generation + 1, block.Generation) == block.Generation)
            _depot!.Return(table.AddressAt(block.Place));
        else
            ReturnByMode(block);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private PoolBlock RentByMode()
    {
        if (IsDisposed)
            throw Gone();
        if (_guard is not null)
            return _guard.Rent();
        if (_depot is not null)
            return Stamp(Zeroed(_depot.Rent()));
        return IsSessionHere ? RentAlone() : RentWithin(_lock.Enter());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnByMode(PoolBlock block)
    {
        if (block.Table is not { } table)
            throw PoolErrors.Invalid(block);
        if (table.Pool != this)
            throw PoolErrors.Foreign(this, block.Address, table.Pool);
        if (IsDisposed)
            throw Gone();
        if (_guard is not null)
        {
            _guard.Return(block);
            return;
        }

        if (_depot is not null || IsSessionHere)
        {
            End(block);
            PutByMode(table.AddressAt(block.Place));
        }
        else
        {
            ReturnWithin(block);
        }
    }

    /// <summary>Of two threads that return the same block the second one finds it returned: each has the lock meanwhile.</summary>
    private void ReturnWithin(PoolBlock block)
    {
        BiasedLock.Claim claim = _lock.Enter();
        try
        {
            End(block);
            Put(block.Table!.AddressAt(block.Place));
        }
        finally
        {
            BiasedLock.Exit(claim);
        }
    }

    /// <summary>Ends a handle of this pool, which keeps generations.</summary>
    private void End(PoolBlock block)
    {
        if (IsDisposed)
            throw Gone();
        if (!Ends(ref block.Table!.Generation(block.Detail), block.Generation))
            throw PoolErrors.Returned(this, block.Address);
    }

    /// <summary>In a pool that is not concurrent, for the thread of the session.</summary>
    private void PutByMode(nint address)
    {
        if (_depot is not null)
            _depot.Return(address);
        else
            Put(address);
    }

    /// <summary>Counts a rented block's generation up, if it is the expected one. Of several threads one does it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Ends(ref long generation, long expected)
    {
        if ((Mode & ~PoolMode.Session) != PoolMode.Plain)
            return Interlocked.CompareExchange(ref generation, expected + 1, expected) == expected;
        if (generation != expected)
            return false;
        generation = expected + 1;
        return true;
    }

    /// <summary>The same for a session that has blocks in hand. Where threads share no caches, it has the lock.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool EndsInSession(ref long generation, long expected)
    {
        if (_isShared)
            return Interlocked.CompareExchange(ref generation, expected + 1, expected) == expected;
        if (generation != expected)
            return false;
        generation = expected + 1;
        return true;
    }

    private nint Zeroed(nint block)
    {
        if (Has(PoolMode.Zero))
            NativeMemory.Clear((void*)block, (nuint)_options.BlockSize);
        return block;
    }

    /// <summary>The checked handle of a block that has just been taken.</summary>
    private PoolBlock Stamp(nint block)
    {
        if (Find(block) is not { } table || table.IndexOf(block) is not (>= 0 and var index))
            throw IsDisposed ? Gone() : PoolErrors.Broken(this, block);
        if (!table.HasGenerations)
            KeepGenerations(table);
        long before = Volatile.Read(ref table.Generation(index));
        // Nobody else can have taken it, unless a raw handle was returned twice.
        if ((before & 1) != 0 || Interlocked.CompareExchange(ref table.Generation(index), before + 1, before) != before)
            throw PoolErrors.Broken(this, block);
        if (Has(PoolMode.Track))
            table.Note(index, RentPlace.Here());
        return new(table, table.PlaceOf(block), before + 1, index);
    }

    private static void KeepGenerations(BlockTable table)
    {
        lock (table)
            table.KeepGenerations();
    }

    /// <summary>The table of a block that begins at an address and is not rented as a checked handle.</summary>
    private BlockTable? FindFree(nint block) =>
        Find(block) is { } table && table.IndexOf(block) is >= 0 and var index && !table.IsRented(index) ? table : null;

    /// <summary>The table that an address lies in.</summary>
    internal BlockTable? Find(nint address)
    {
        BlockTable recent = Recent;
        if (recent.Holds(address))
            return recent;
        BlockTable[] tables = _tables;
        int low = 0;
        int high = tables.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            BlockTable table = tables[middle];
            if (table.Holds(address))
                return Recent = table;
            if (address < table.Start)
                high = middle - 1;
            else
                low = middle + 1;
        }

        return null;
    }
}
