namespace MemTools.Memory;

/// <summary>What was done with a file's pages, and what came of it. Null is what this kernel does not tell.</summary>
public sealed class PageCacheChange
{
    internal PageCacheChange()
    {
    }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Load or Evict (<see cref="PageCacheAction"/>).</summary>
    public required string Action { get; init; }

    /// <summary>In the file, of the first byte.</summary>
    public long Offset { get; init; }

    /// <summary>In bytes.</summary>
    public long Length { get; init; }

    /// <summary>How many pages hold some of it.</summary>
    public long Pages { get; init; }

    /// <summary>How many of them were in memory.</summary>
    public long? ResidentPagesBefore { get; init; }

    /// <summary>How many of them are in memory now.</summary>
    public long? ResidentPagesAfter { get; init; }

    /// <summary>The memory that they took, in bytes.</summary>
    public long? ResidentBytesBefore => ResidentPagesBefore * Environment.SystemPageSize;

    /// <summary>The memory that they take now, in bytes.</summary>
    public long? ResidentBytesAfter => ResidentPagesAfter * Environment.SystemPageSize;

    /// <summary>How many were dirty, and were written to the disk before they were evicted.</summary>
    public long? DirtyPagesBefore { get; init; }

    /// <summary>Whether all is as asked: everything in memory, or nothing.</summary>
    public bool? Complete =>
        Action == nameof(PageCacheAction.Load) ? ResidentPagesAfter >= Pages : ResidentPagesAfter == 0;

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
