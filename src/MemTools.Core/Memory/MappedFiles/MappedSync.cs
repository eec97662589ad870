using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Puts what was written into a mapping on the disk.</summary>
internal static class MappedSync
{
    /// <summary>Written and waited for at a time, so that a request to stop is seen in between.</summary>
    private const long Piece = 64L * 1024 * 1024;

    /// <returns>Whether it was waited for, as it also is where the kernel cannot just begin.</returns>
    internal static bool Run(MappedRegion region, long position, long count, bool wait, CancellationToken stop)
    {
        // MS_ASYNC by itself does nothing since Linux 2.6.19 (msync(2)), and the call that begins sees no page of these.
        wait |= CacheStatus.HasOtherPages(region.Target.File);
        if (region.Target.HasPositions)
            WriteBack(region, region.Offset + position, count, wait, stop);
        (long start, long length) = region.PagesOf(position, count);
        int flags = wait ? MemoryCalls.SyncWait : MemoryCalls.SyncAsynchronous;
        SystemCallException.Check(region.Pages.Synchronize(start, length, flags), "msync", region.Target.Path);
        return wait;
    }

    private static void WriteBack(MappedRegion region, long offset, long length, bool wait, CancellationToken stop)
    {
        for (long done = 0; done < length; done += Piece)
        {
            stop.ThrowIfCancellationRequested();
            long result = FileIO.WriteBack(region.Target.File, offset + done, Math.Min(Piece, length - done), wait);
            // Some file systems have no such call; msync(2) does it all then.
            if (KernelResult.ErrnoOf(result) is Errno.EINVAL or Errno.ESPIPE or Errno.ENOSYS or Errno.EOPNOTSUPP)
                return;
            SystemCallException.Check(result, "sync_file_range", region.Target.Path);
        }
    }
}
