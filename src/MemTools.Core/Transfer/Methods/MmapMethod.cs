using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>
/// Maps a window of the source and writes from it. The pages are touched by the kernel alone: where the source was
/// truncated meanwhile, write(2) stops short or answers EFAULT, and no SIGBUS is raised.
/// </summary>
internal sealed class MmapMethod : PieceMethod
{
    /// <summary>Mapped pages count as resident, so the window bounds what a copy adds to the process.</summary>
    private const long Window = 4 * 1024 * 1024;

    private static readonly long PageMask = Environment.SystemPageSize - 1;

    private string _call = "mmap";

    public override CopyMethod Kind => CopyMethod.Mmap;

    protected override string Call => _call;

    // ENODEV and EACCES: a source that cannot be mapped, such as a device (mmap(2)); EIO: some files of /proc.
    public override bool IsRefusal(Errno errno) =>
        _call == "mmap" && (Refusals.IsNotHere(errno) || errno is Errno.ENODEV or Errno.EACCES or Errno.EPERM or Errno.EIO);

    protected override Errno RuledOut(CopyJob job, in CopyRun run)
    {
        _call = "mmap";
        return job.Source.HasPositions && run.Remaining != CopyRun.ToTheEnd ? Errno.None : Errno.ENODEV;
    }

    protected override long CopyPiece(CopyJob job, in CopyRun run, long count)
    {
        _call = "mmap";
        long skipped = run.SourceOffset & PageMask;
        long length = Math.Min(count, Window - skipped);
        long mapped = Mapping.TryMapFile(job.Source.File, run.SourceOffset - skipped, length + skipped, out Mapping? window);
        if (mapped < 0)
            return mapped;
        using (window)
        {
            // mmap, write and munmap.
            job.CountCalls(2);
            return WriteFrom(job, run, window!.Address + (nint)skipped, length);
        }
    }

    private long WriteFrom(CopyJob job, in CopyRun run, nint address, long length)
    {
        bool positions = job.Destination.HasPositions;
        _call = positions ? "pwrite" : "write";
        long written = positions
            ? FileIO.WriteAt(job.Destination.File, address, length, run.DestinationOffset)
            : FileIO.Write(job.Destination.File, address, length);
        return KernelResult.ErrnoOf(written) == Errno.EFAULT && EndsAt(job.Source.File, run.SourceOffset) ? 0 : written;
    }

    /// <summary>Whether the source now ends at or before an offset, which explains an EFAULT there.</summary>
    private static bool EndsAt(Descriptor source, long offset) =>
        FileMetadata.Status(source, out Statx status) == 0 && status.Length <= (offset | PageMask);
}
