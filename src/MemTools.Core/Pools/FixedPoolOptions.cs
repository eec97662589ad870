namespace MemTools.Pools;

/// <summary>What a fixed pool is to be like.</summary>
public sealed record FixedPoolOptions
{
    /// <summary>Bytes of a block, 1 or more.</summary>
    public required long BlockSize { get; init; }

    /// <summary>How many blocks it begins with, 1 or more.</summary>
    public required long Count { get; init; }

    /// <summary>What happens when all are rented.</summary>
    public PoolGrowth Growth { get; init; }

    /// <summary>The most bytes of blocks that it ever has; null for no limit.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Whether several threads use it at the same time: each then has a cache of free blocks of its own.</summary>
    public bool Concurrent { get; init; }

    /// <summary>Whether the bytes of a block are zero when it is rented.</summary>
    public bool Zero { get; init; }

    /// <summary>Whether overruns, use after return and double return are looked for, and where each block was rented is kept.</summary>
    public bool Guard { get; init; }

    /// <summary>
    /// Whether it is kept where each block was rented, which costs some microseconds a rent: for whoever looks for blocks
    /// that are never returned. A guarded pool keeps it anyway, and so does every pool while <see cref="Kernel.LeakTracking.IsEnabled"/>.
    /// </summary>
    public bool Track { get; init; }

    /// <summary>Whether its memory is never swapped (mlock(2)).</summary>
    public bool Locked { get; init; }

    /// <summary>Whether it is made of huge pages from the system's reserve (MAP_HUGETLB).</summary>
    public bool HugePage { get; init; }

    /// <summary>What commands know it by; a number is added where another pool has that name.</summary>
    public string Name { get; init; } = "fixed";
}
