using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>What the page cache holds of a part of a file, in pages (cachestat(2)).</summary>
internal readonly record struct CacheStatus(long Cached, long Dirty, long Writeback, long Evicted, long RecentlyEvicted)
{
    private const long OverlayFs = 0x794c7630;

    /// <summary>
    /// Asks the kernel. Fails with ENOSYS before Linux 6.5, with EPERM for a file that one neither owns nor may write
    /// (since 6.14), with EOPNOTSUPP on hugetlbfs and where the pages are another file system's.
    /// </summary>
    /// <param name="file">An open file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">How many bytes; 0 for all from the offset.</param>
    /// <param name="status">The answer.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal static unsafe long Of(Descriptor file, long offset, long length, out CacheStatus status)
    {
        ulong* range = stackalloc ulong[2] { (ulong)offset, (ulong)length };
        ulong* answer = stackalloc ulong[5];
        long returned;
        do returned = PageCacheCalls.CacheStat(PageCacheCalls.CacheStatNumber, file, range, answer, 0);
        while (KernelResult.Interrupted(returned));
        long result = KernelResult.Of(returned);
        if (result == 0 && answer[0] == 0 && HasOtherPages(file))
            result = -(long)Errno.EOPNOTSUPP;
        status = result < 0
            ? default
            : new((long)answer[0], (long)answer[1], (long)answer[2], (long)answer[3], (long)answer[4]);
        return result;
    }

    /// <summary>
    /// Whether a file's pages are those of a file below it: on overlayfs the calls that look at pages by descriptor
    /// (cachestat, sync_file_range) see none, while a mapping is one of the file below.
    /// </summary>
    internal static bool HasOtherPages(Descriptor file) =>
        FileMetadata.FileSystem(file, out StatFs system) == 0 && system.Type == OverlayFs;
}
