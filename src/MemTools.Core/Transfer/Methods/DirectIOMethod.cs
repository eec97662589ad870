using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>
/// O_DIRECT on both sides (open(2)): disk to memory to disk, past the page cache. One thread reads into one buffer
/// while the caller's writes from the other. The last bytes of a file are written as a whole block and cut off after.
/// </summary>
internal sealed class DirectIOMethod : ICopyMethod
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>No file system has smaller blocks.</summary>
    private const int SmallestBlock = 512;

    public CopyMethod Kind => CopyMethod.DirectIO;

    public CallFailure Copy(CopyJob job, ref CopyRun run)
    {
        if (run.Done)
            return default;
        if (!job.Source.HasPositions || !job.Destination.HasPositions || run.Remaining == CopyRun.ToTheEnd)
            return new("open(O_DIRECT)", Errno.EINVAL, CallSubject.Both, "direct I/O needs files with positions and a known length");
        if (EndedBefore(run))
        {
            run.EndOfSource();
            return default;
        }

        if (AlignmentOf(job, out DirectAlignment alignment) is { Failed: true } unknown)
            return unknown;
        if (run.SourceOffset % alignment.Offset != 0 || run.DestinationOffset % alignment.Offset != 0)
        {
            string reason = $"direct I/O starts at multiples of {alignment.Offset} bytes, and offset {run.SourceOffset} is none";
            return new("open(O_DIRECT)", Errno.EINVAL, CallSubject.Source, reason);
        }

        if (run.Remaining % alignment.Offset != 0 && !job.Destination.CanBeCut)
        {
            string reason = $"direct I/O writes whole blocks of {alignment.Offset} bytes, and on a device the rest of the last one cannot be cut off";
            return new("open(O_DIRECT)", Errno.EINVAL, CallSubject.Destination, reason);
        }

        using DirectMode source = new(job.Source.File);
        using DirectMode destination = new(job.Destination.File);
        Errno errno = source.Errno != Errno.None ? source.Errno : destination.Errno;
        if (errno != Errno.None)
            return new("fcntl(O_DIRECT)", errno, source.Errno != Errno.None ? CallSubject.Source : CallSubject.Destination);
        return CopyThroughBuffers(job, ref run, alignment);
    }

    public bool IsRefusal(Errno errno) => Refusals.IsNotHere(errno);

    public void Dispose()
    {
    }

    /// <summary>
    /// Whether the source ended where this run begins when it was asked where its data lie: data begin with a block, if the
    /// copy did. Somebody cut it, and it has grown since.
    /// </summary>
    private static bool EndedBefore(in CopyRun run) =>
        run.SourceOffset % SmallestBlock != 0 && (run.SourceOffset - run.DestinationOffset) % SmallestBlock == 0;

    /// <summary>The alignments that satisfy both files, or why there are none.</summary>
    private static CallFailure AlignmentOf(CopyJob job, out DirectAlignment alignment)
    {
        alignment = new(Offset: 1, Memory: Environment.SystemPageSize);
        CallFailure failure = Raise(job.Source, CallSubject.Source, ref alignment);
        return failure.Failed ? failure : Raise(job.Destination, CallSubject.Destination, ref alignment);
    }

    private static CallFailure Raise(CopyEnd end, CallSubject subject, ref DirectAlignment alignment)
    {
        long result = FileMetadata.Status(end.File, out Statx status, Statx.DirectIOAlignment);
        if (result < 0)
            return new("statx", KernelResult.ErrnoOf(result), subject);
        // The flag alone proves nothing: tmpfs and btrfs take O_DIRECT and go through the page cache all the same.
        if ((status.Mask & Statx.DirectIOAlignment) == 0 || status.DirectOffsetAlignment == 0)
            return new("statx(STATX_DIOALIGN)", Errno.EOPNOTSUPP, subject);
        alignment = new(
            Math.Max(alignment.Offset, (int)status.DirectOffsetAlignment),
            Math.Max(alignment.Memory, (int)status.DirectMemoryAlignment));
        return default;
    }

    private static CallFailure CopyThroughBuffers(CopyJob job, ref CopyRun run, DirectAlignment alignment)
    {
        using DirectReader reader = new(job.Source.File, run.SourceOffset, run.Remaining, BufferSize, alignment);
        try
        {
            while (!run.Done)
            {
                DirectReader.Block block = reader.Take(job.Stop);
                job.CountCalls(block.Calls);
                if (block.Result < 0)
                    return new("pread", KernelResult.ErrnoOf(block.Result), CallSubject.Source);
                if (block.Result == 0)
                    run.EndOfSource();
                else if (Write(job, ref run, block, alignment.Offset) is { Failed: true } failure)
                    return failure;
                reader.GiveBack();
            }

            return default;
        }
        finally
        {
            job.OtherThreads += reader.Stop();
        }
    }

    private static unsafe CallFailure Write(CopyJob job, ref CopyRun run, DirectReader.Block block, int blockSize)
    {
        long length = Math.Min(block.Result, run.Remaining);
        long padded = (length + blockSize - 1) / blockSize * blockSize;
        new Span<byte>((void*)(block.Address + (nint)length), (int)(padded - length)).Clear();
        long done = 0;
        while (done < length)
        {
            _ = job.NextPiece(run);
            job.CountCalls(1);
            long written = FileIO.WriteAt(
                job.Destination.File, block.Address + (nint)done, padded - done, run.DestinationOffset);
            if (KernelResult.ErrnoOf(written) == Errno.EINVAL && run.DestinationOffset > 0)
                written = ReasonToRefuse(job, block.Address + (nint)done, length - done, run.DestinationOffset);
            if (written < 0)
                return new("pwrite", KernelResult.ErrnoOf(written), CallSubject.Destination);
            long counted = Math.Min(written, length - done);
            job.Advance(ref run, counted, new ReadOnlySpan<byte>((void*)(block.Address + (nint)done), (int)counted));
            done += counted;
        }

        return default;
    }

    /// <summary>
    /// Why a write is refused when others before it were not. RLIMIT_FSIZE and the end of a device cut a direct write
    /// to a length that is no whole block, which is then EINVAL; a write through the page cache gets the true errno.
    /// </summary>
    private static long ReasonToRefuse(CopyJob job, nint address, long length, long offset)
    {
        Descriptor file = job.Destination.File;
        int flags = FileIO.Flags(file);
        _ = FileIO.SetFlags(file, flags & ~OpenFlags.Direct);
        long written = 0;
        while (written >= 0 && length > 0)
        {
            job.CountCalls(1);
            written = FileIO.WriteAt(file, address, length, offset);
            address += (nint)written;
            offset += written;
            length -= written;
        }

        _ = FileIO.SetFlags(file, flags);
        return written < 0 ? written : -(long)Errno.EINVAL;
    }

    /// <summary>Sets O_DIRECT on an open file for as long as it lives.</summary>
    private sealed class DirectMode : IDisposable
    {
        private readonly Descriptor _file;
        private readonly int _flags;

        internal DirectMode(Descriptor file)
        {
            _file = file;
            _flags = FileIO.Flags(file);
            Errno = KernelResult.ErrnoOf(FileIO.SetFlags(file, _flags | OpenFlags.Direct));
        }

        internal Errno Errno { get; }

        public void Dispose() => _ = FileIO.SetFlags(_file, _flags);
    }
}
