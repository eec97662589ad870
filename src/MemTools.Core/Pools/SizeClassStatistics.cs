namespace MemTools.Pools;

/// <summary>Where the memory of a size-class pool lies, level by level.</summary>
public sealed class SizeClassStatistics
{
    /// <summary>Threads that have a cache.</summary>
    public required int ThreadCaches { get; init; }

    /// <summary>Bytes of free blocks in them.</summary>
    public required long ThreadCacheBytes { get; init; }

    /// <summary>Bytes of free blocks in the central lists: batches that threads brought, and blocks that spans have back.</summary>
    public required long CentralBytes { get; init; }

    /// <summary>Spans that hold blocks, or are one.</summary>
    public required int SpansInUse { get; init; }

    /// <summary>Blocks of more than 256 KiB that are rented.</summary>
    public required long LargeBlocks { get; init; }

    /// <summary>Spans of the page heap.</summary>
    public required long FreeSpans { get; init; }

    /// <summary>Their bytes.</summary>
    public required long FreeSpanBytes { get; init; }

    /// <summary>Bytes of them that the kernel has back while their addresses stay mapped.</summary>
    public required long ReleasedBytes { get; init; }

    /// <summary>Bytes of all mappings.</summary>
    public required long MappedBytes { get; init; }
}
