using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>How much of a file the page cache holds: cachestat(2), and mincore(2) on kernels before 6.5.</summary>
/// <param name="CachedBytes">Bytes of resident pages, counted in whole pages, at most the length.</param>
/// <param name="DirtyBytes">Those that are still to be written; null where the kernel does not tell.</param>
internal readonly record struct CacheResidency(long CachedBytes, long? DirtyBytes)
{
    /// <summary>Pages asked about in one call of mincore(2).</summary>
    private const int Window = 64 * 1024;

    /// <summary>What is resident of a file's first bytes, or null where neither call works.</summary>
    internal static CacheResidency? Of(Descriptor file, long length)
    {
        long result = CacheStatus.Of(file, 0, length, out CacheStatus status);
        CacheResidency residency = new(Bytes(status.Cached, length), Bytes(status.Dirty + status.Writeback, length));
        // Any other errno is an answer: mincore(2) calls every page resident where cachestat(2) says EPERM.
        if (KernelResult.ErrnoOf(result) == Errno.ENOSYS && IsOwn(file))
            result = TryMemoryInCore(file, length, out residency);
        return result < 0 ? null : residency;
    }

    private static bool IsOwn(Descriptor file) =>
        ProcessCalls.EffectiveUser() is var user
        && (user == 0 || (FileMetadata.Status(file, out Statx status) == 0 && status.User == user));

    private static unsafe long TryMemoryInCore(Descriptor file, long length, out CacheResidency residency)
    {
        residency = default;
        byte[] pages = new byte[Window];
        long window = (long)Window * Environment.SystemPageSize;
        long resident = 0;
        for (long offset = 0; offset < length; offset += window)
        {
            long part = Math.Min(window, length - offset);
            long mapped = Mapping.TryMapFile(file, offset, part, out Mapping? mapping);
            if (mapped < 0)
                return mapped;
            using (mapping)
            fixed (byte* answer = pages)
            {
                long result = KernelResult.Of(PageCacheCalls.Resident(mapping!.Address, (nuint)part, answer));
                if (result < 0)
                    return result;
            }

            int count = (int)((part + Environment.SystemPageSize - 1) / Environment.SystemPageSize);
            for (int i = 0; i < count; i++)
                resident += pages[i] & 1;
        }

        residency = new(Bytes(resident, length), null);
        return 0;
    }

    private static long Bytes(long pages, long length) => Math.Min(pages * Environment.SystemPageSize, length);
}
