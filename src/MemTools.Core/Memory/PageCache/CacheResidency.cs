using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>How much of an open file the page cache holds: cachestat(2), and mincore(2) where the kernel has no such answer.</summary>
/// <param name="CachedBytes">Bytes of resident pages, counted in whole pages, at most the length.</param>
/// <param name="DirtyBytes">Those that are still to be written; null where the kernel does not tell.</param>
internal readonly record struct CacheResidency(long CachedBytes, long? DirtyBytes)
{
    /// <summary>What is resident of a file's first bytes, or null where neither call tells.</summary>
    internal static CacheResidency? Of(Descriptor file, long length)
    {
        if (CacheStatus.Of(file, 0, length, out CacheStatus status) == 0)
            return new(Bytes(status.Cached, length), Bytes(status.Dirty + status.Writeback, length));
        if (FileMetadata.Status(file, out Statx metadata) < 0)
            return null;
        return PageMapping.Of(file, metadata, 0, length) is { } map ? new(Bytes(map.Resident, length), null) : null;
    }

    private static long Bytes(long pages, long length) => Math.Min(pages * Environment.SystemPageSize, length);
}
