using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// Keeps a copy out of the page cache (-CachePolicy Drop). Written pages are sent to the disk as the copy proceeds,
/// and dropped one stretch later, when most of them have arrived there: only clean pages can be dropped.
/// </summary>
internal sealed class CacheBroom : IPieceObserver
{
    private const long Stretch = 8 * 1024 * 1024;

    private long _begun;
    private long _reached;

    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content)
    {
        if (!job.Destination.HasPositions)
            return;
        _reached = destinationOffset + length;
        if (_reached - _begun < Stretch)
            return;
        _ = FileCalls.SyncRange(job.Destination.File, _begun, _reached - _begun, FileCalls.SyncWrite);
        DropBefore(job, _begun, sourceOffset - destinationOffset);
        _begun = _reached;
    }

    public void Hole(long length)
    {
    }

    /// <summary>Drops what is left of both files, after the destination has been put on the disk.</summary>
    internal static void Finish(CopyJob job)
    {
        if (job.Destination.HasPositions)
        {
            SystemCallException.Check(FileIO.Sync(job.Destination.File), "fsync", job.Destination.Path);
            FileIO.DropCache(job.Destination.File, 0, 0);
        }

        if (job.Source.HasPositions)
            FileIO.DropCache(job.Source.File, 0, 0);
    }

    private static void DropBefore(CopyJob job, long end, long sourceShift)
    {
        long start = Math.Max(0, end - Stretch - PieceSize.Largest);
        if (start >= end)
            return;
        const uint waitForAll = FileCalls.SyncWaitBefore | FileCalls.SyncWrite | FileCalls.SyncWaitAfter;
        _ = FileCalls.SyncRange(job.Destination.File, start, end - start, waitForAll);
        FileIO.DropCache(job.Destination.File, start, end - start);
        if (job.Source.HasPositions)
            FileIO.DropCache(job.Source.File, start + sourceShift, end - start);
    }
}
