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
    private const long Window = 2 * 1024 * 1024;

    /// <summary>How often a page that vanished and came back is asked for again, before that counts as the end.</summary>
    private const int MostReturns = 3;

    private static readonly long PageMask = Environment.SystemPageSize - 1;

    private const string SourceRead = "pread";

    private string _call = "mmap";
    private Mapping? _window;
    private long _start;
    private long _end;

    public override CopyMethod Kind => CopyMethod.Mmap;

    protected override string Call => _call;

    protected override CallSubject Subject => _call == SourceRead ? CallSubject.Source : CallSubject.Both;

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
        if (_window is null || run.SourceOffset >= _end)
        {
            long mapped = MapAt(job, run.SourceOffset, count);
            if (mapped < 0)
                return mapped;
        }

        // A pipe or socket takes what it has room for: the rest is written from the same window.
        nint address = _window!.Address + (nint)(run.SourceOffset - _start);
        return WriteFrom(job, run, address, Math.Min(count, _end - run.SourceOffset));
    }

    protected override void End()
    {
        _window?.Dispose();
        _window = null;
    }

    private long MapAt(CopyJob job, long offset, long count)
    {
        End();
        _call = "mmap";
        long skipped = offset & PageMask;
        long length = Math.Min(count + skipped, Window);
        long mapped = Mapping.TryMapFile(job.Source.File, offset - skipped, length, out _window);
        if (mapped < 0)
            return mapped;
        (_start, _end) = (offset - skipped, offset - skipped + length);
        _window!.Populate();
        // mmap, madvise and munmap.
        job.CountCalls(3);
        return 0;
    }

    private long WriteFrom(CopyJob job, in CopyRun run, nint address, long length)
    {
        for (int returns = 0; ; returns++)
        {
            long written = WriteOnce(job, run, address, length);
            if (KernelResult.ErrnoOf(written) != Errno.EFAULT)
                return written;
            // EFAULT does not say why the page could not be had; read(2) does.
            long read = ReadFirstByte(job, run);
            if (read <= 0 || returns == MostReturns)
                return Math.Min(read, 0);
            job.CountCalls(1);
        }
    }

    private long WriteOnce(CopyJob job, in CopyRun run, nint address, long length)
    {
        bool positions = job.Destination.HasPositions;
        _call = positions ? "pwrite" : "write";
        return positions
            ? FileIO.WriteAt(job.Destination.File, address, length, run.DestinationOffset)
            : FileIO.Write(job.Destination.File, address, length);
    }

    /// <summary>
    /// Zero where the source has been cut, an errno where its disk fails, one where it was cut and has grown again.
    /// </summary>
    private unsafe long ReadFirstByte(CopyJob job, in CopyRun run)
    {
        byte first;
        _call = SourceRead;
        job.CountCalls(1);
        return FileIO.ReadAt(job.Source.File, (nint)(&first), 1, run.SourceOffset);
    }
}
