using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>What of a file is in memory, and bringing it there: cachestat(2), mincore(2), readahead(2).</summary>
internal static unsafe partial class PageCacheCalls
{
    /// <summary>The number of cachestat(2), alike on every processor; the call is there since Linux 6.5.</summary>
    internal const int CacheStatNumber = 451;

    /// <summary>
    /// cachestat(2) through syscall(2), for which no C library has a function yet. The range is offset and length in
    /// bytes (struct cachestat_range); the answer five counts of pages: in the cache, dirty, under write-back, evicted,
    /// recently evicted (struct cachestat). All are 64 bits wide.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint CacheStat(nint number, Descriptor file, ulong* range, ulong* answer, nint flags);

    /// <summary>Fills one byte a page; bit 0 says that a touch would not wait for the disk.</summary>
    [LibraryImport("libc", EntryPoint = "mincore", SetLastError = true)]
    internal static partial int Resident(nint address, nuint length, byte* answer);

    [LibraryImport("libc", EntryPoint = "readahead", SetLastError = true)]
    internal static partial nint ReadAhead(Descriptor file, long offset, nuint count);
}
