namespace MemTools.Experiments;

/// <summary>What to compare.</summary>
public sealed class AllocatorComparisonOptions
{
    /// <summary>The allocators, in the order of the rows.</summary>
    public IReadOnlyList<AllocatorKind> Allocators { get; init; } =
        [AllocatorKind.Brk, AllocatorKind.Mmap, AllocatorKind.Malloc];

    /// <summary>Sizes of a block in bytes, at least 1.</summary>
    public IReadOnlyList<long> Sizes { get; init; } = [64];

    /// <summary>Blocks that a round allocates, all threads together; at least as many as there are threads.</summary>
    public long Count { get; init; } = 100_000;

    /// <summary>Numbers of threads, 1 to 1,024, that share the count. Null is 1, or 2 where the pattern needs two.</summary>
    public IReadOnlyList<int>? Threads { get; init; }

    /// <summary>In which order blocks are allocated and released.</summary>
    public AllocationPattern Pattern { get; init; }

    /// <summary>What is written into each block.</summary>
    public BlockTouch Touch { get; init; }

    /// <summary>How often each row is measured, each time in a new process; 1 to 1,000.</summary>
    public int Repeat { get; init; } = 5;

    /// <summary>Where libraries to preload are looked for.</summary>
    internal IEnumerable<string> LibraryFolders { get; init; } = PreloadedLibrary.Folders();
}
