using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>How much of a file is in the page cache. Null is what this kernel does not tell.</summary>
public sealed class PageCacheInfo
{
    internal PageCacheInfo()
    {
    }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>In bytes.</summary>
    public long Length { get; init; }

    /// <summary>In bytes: what pages are counted in.</summary>
    public int PageSize { get; init; }

    /// <summary>How many pages hold the file.</summary>
    public long Pages { get; init; }

    /// <summary>How many of them are in memory.</summary>
    public long? ResidentPages { get; init; }

    /// <summary>The memory that they take, in bytes: whole pages.</summary>
    public long? ResidentBytes => ResidentPages * PageSize;

    /// <summary>The share of the pages that is in memory, from 0 to 1; null also for an empty file.</summary>
    public double? ResidentShare => Pages == 0 ? null : ResidentPages / (double)Pages;

    /// <summary>Pages in memory that are newer than what is on the disk.</summary>
    public long? DirtyPages { get; init; }

    /// <summary>Pages on their way to the disk.</summary>
    public long? WritebackPages { get; init; }

    /// <summary>Pages that were in memory and were pushed out, as far as the kernel remembers.</summary>
    public long? EvictedPages { get; init; }

    /// <summary>Those of them that were pushed out so recently that their coming back would mean memory is short.</summary>
    public long? RecentlyEvictedPages { get; init; }

    /// <summary>The share in memory, from 0 to 1, of each of up to twenty equal parts of the file.</summary>
    public ResultList<double>? Parts { get; init; }

    /// <summary>Where the pages in memory lie, in ascending order; null where it was not asked.</summary>
    public ResultList<PageRun>? Runs { get; init; }

    /// <summary>The system call that told: cachestat or mincore; null where none did.</summary>
    public string? Call { get; init; }

    /// <summary>Why something is null that was asked for; else null.</summary>
    public string? Unknown { get; init; }
}
