using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Growing, giving back and closing.</summary>
public sealed unsafe partial class FixedPool
{
    /// <summary>A table counts its blocks in 31 bits; what is larger has several.</summary>
    private const long MostBlocksOfTable = 1L << 30;

    /// <summary>How many blocks one mapping can have.</summary>
    private long MostOfTable => Math.Clamp(BlockTable.MostBytes / _layout.Stride, 1, MostBlocksOfTable);

    /// <inheritdoc/>
    /// <remarks>Call it from the thread that uses raw handles, if the pool is not concurrent.</remarks>
    public override long Trim()
    {
        BiasedLock.Claim claim = _lock.Enter();
        try
        {
            if (IsDisposed)
                throw Gone();
            return Stopped(TrimStopped);
        }
        finally
        {
            BiasedLock.Exit(claim);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyList<RentedBlock> GetRented() =>
        [.. _tables.SelectMany(table => Enumerable.Range(0, table.HasGenerations ? table.Count : 0)
            .Where(table.IsRented)
            .Select(index => Describe(table, index)))];

    private protected override void Close()
    {
        BiasedLock.Claim claim = _lock.Enter();
        try
        {
            if (IsDisposed)
                return;
            _ = Stopped(CloseStopped);
        }
        finally
        {
            BiasedLock.Exit(claim);
        }
    }

    /// <summary>The damage that can be seen now, of rented blocks too. Only a guarded pool sees any.</summary>
    /// <exception cref="MemToolsException">The pool is not guarded.</exception>
    public IReadOnlyList<BlockDamage> FindDamage() =>
        _guard?.FindDamage() ?? throw new MemToolsException(ErrorKind.Misuse, $"The pool '{Name}' is not guarded. New-FixedPool -Guard makes one that is.");

    private long Stopped(Func<long> work) => _depot?.Stopped(work) ?? _guard?.Stopped(work) ?? work();

    /// <summary>Maps more blocks, or fails.</summary>
    internal void Grow()
    {
        long count = Math.Min(NextCount(), MostOfTable);
        if (count <= 0)
        {
            _failures++;
            throw Exhausted();
        }

        try
        {
            Add(Map((int)count));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            _failures++;
            throw;
        }
    }

    internal bool CanGrow => NextCount() > 0;

    /// <summary>How many blocks come next; 0 where there may be no more.</summary>
    private long NextCount()
    {
        long wanted = _blocks == 0 ? _options.Count : _options.Growth switch
        {
            PoolGrowth.Double => _blocks,
            PoolGrowth.Fixed => _options.Count,
            _ => _options.Count - _blocks,
        };
        long allowed = (_options.MaximumSize ?? PoolMemory.Largest) / _layout.Stride;
        return Math.Min(wanted, allowed - _blocks);
    }

    private BlockTable Map(int count)
    {
        long bytes = _layout.Stride * count;
        long page = Environment.SystemPageSize;
        long length = PoolMemory.WholePages(bytes) + (_layout.HasGuardPage ? page : 0);
        Mapping memory = AnonymousMapping.Map(length, _options.Locked, _options.HugePage);
        nint start = memory.Address;
        if (_layout.HasGuardPage)
        {
            PoolMemory.ForbidLastPage(memory);
            // The last block ends where the inaccessible page begins.
            start += (nint)(length - page - bytes);
        }

        // A guarded block begins behind its first canary.
        return new(this, memory, start + (nint)_layout.CanaryLength, _layout.Stride, _layout.BlockSize, count);
    }

    private void Add(BlockTable table)
    {
        // Others look into the tables while they change: they see the old array or the new one.
        _tables = [.. _tables.Append(table).OrderBy(one => one.Start)];
        Recent = table;
        _blocks += table.Count;
        _mapped += table.Memory.Length;
        _growths++;
        _guard?.Add(table);
        if (_guard is null)
            (_fresh, _freshEnd) = (table.Start, table.End);
        _depot?.Reserve(_blocks);
    }

    private MemToolsException Exhausted() => new(
        ErrorKind.PoolExhausted,
        $"All {_blocks} blocks of the pool '{Name}' are rented, and "
        + (_options.MaximumSize is { } most && _options.Growth != PoolGrowth.None ? $"its -MaximumSize is {HumanUnits.Size(most)}." : "its -Growth is None.")
        + " Return some, or make a pool with more blocks.");

    /// <summary>While nobody else rents or returns: unmaps what is wholly free.</summary>
    private long TrimStopped()
    {
        Dictionary<BlockTable, long> free = [];
        for (nint block = Head; block != 0; block = *(nint*)block)
            Count(block, free);
        _guard?.CountFree(free);
        BlockTable? newest = _freshEnd == 0 ? null : _tables.FirstOrDefault(table => table.End == _freshEnd);
        if (newest is not null)
            free[newest] = free.GetValueOrDefault(newest) + ((_freshEnd - _fresh) / (nint)_layout.Stride);
        HashSet<BlockTable> gone = [.. free.Where(pair => pair.Value == pair.Key.Count).Select(pair => pair.Key)];
        if (gone.Count == 0)
            return 0;
        _highWaterBefore = HighWaterMark;
        Head = Without(gone, Head);
        _guard?.Forget(gone);
        if (newest is not null && gone.Contains(newest))
            (_fresh, _freshEnd) = (0, 0);
        return Unmap(gone);
    }

    private void Count(nint block, Dictionary<BlockTable, long> free)
    {
        if (FindFree(block) is not { } table || free.GetValueOrDefault(table) >= table.Count)
            throw PoolErrors.Broken(this, block);
        free[table] = free.GetValueOrDefault(table) + 1;
    }

    private nint Without(HashSet<BlockTable> gone, nint list)
    {
        nint first = 0;
        nint last = 0;
        for (nint block = list; block != 0; block = *(nint*)block)
        {
            if (gone.Contains(Find(block)!))
                continue;
            if (last == 0)
                first = block;
            else
                *(nint*)last = block;
            last = block;
        }

        if (last != 0)
            *(nint*)last = 0;
        return first;
    }

    private long Unmap(HashSet<BlockTable> gone)
    {
        _tables = [.. _tables.Where(table => !gone.Contains(table))];
        Recent = _tables.LastOrDefault() ?? BlockTable.None;
        foreach (BlockTable table in gone)
        {
            _blocks -= table.Count;
            _mapped -= table.Memory.Length;
            table.Invalidate();
            table.Memory.Dispose();
        }

        return gone.Sum(table => table.Memory.Length);
    }

    private long CloseStopped()
    {
        bool used = InUse > 0 || _depot is { HasSessions: true };
        _highWaterBefore = HighWaterMark;
        Mode |= PoolMode.Closed;
        (Head, _fresh, _freshEnd) = (0, 0, 0);
        foreach (BlockTable table in _tables)
        {
            table.Invalidate();
            // Whoever is using a block at this moment goes on with zeros rather than with a crash.
            if (used)
                AnonymousMapping.Discard(table.Memory);
            else
                table.Memory.Dispose();
        }

        (_tables, Recent, _blocks, _mapped) = ([], BlockTable.None, 0, 0);
        return 0;
    }

    private RentedBlock Describe(BlockTable table, int index) => _guard?.Describe(table, index) ?? new()
    {
        Pool = Name,
        Address = (ulong)table.AddressOf(index),
        Length = table.BlockLength,
        RentedAt = table.NotedAt(index)?.ToString(),
    };
}
