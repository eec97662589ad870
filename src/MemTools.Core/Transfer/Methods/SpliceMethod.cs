using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>splice(2): from the source into a pipe, from the pipe into the destination. A pipe as an end needs no other.</summary>
internal sealed class SpliceMethod : ICopyMethod
{
    /// <summary>
    /// Four times the default of a pipe: fewer calls, and still small enough for the processor's cache.
    /// Larger ones measured slower.
    /// </summary>
    private const int PipeSize = 256 * 1024;

    /// <summary>
    /// Out of a socket, whose content lies scattered over parts of pages, each of which takes a place of the pipe: a tenth less
    /// time of the processor than the other. As large as a pipe may be (pipe(7)) without a privilege.
    /// </summary>
    private const int PipeSizeFromSocket = 1024 * 1024;

    private const string Call = "splice";

    /// <summary>A pipe that is empty or full answers EAGAIN, so that the wait for it can be stopped.</summary>
    private const uint Flags = CopyCalls.SpliceMove | CopyCalls.SpliceNonBlocking;

    private Descriptor? _pipeOut;
    private Descriptor? _pipeIn;
    private int _pipeSize;
    private bool _sourceGaveLess;

    public CopyMethod Kind => CopyMethod.Splice;

    public CallFailure Copy(CopyJob job, ref CopyRun run)
    {
        // What has left a pipe or device cannot be read again, so a destination that will refuse is found out first.
        bool appends = (FileIO.Flags(job.Destination.File) & OpenFlags.Append) != 0;
        if (appends && !job.Source.HasPositions)
            return new(Call, Errno.EINVAL, CallSubject.Destination);
        bool direct = IsPipe(job.Source) || IsPipe(job.Destination);
        _sourceGaveLess = false;
        if (!direct && OpenPipe(job.Source.HasPositions ? PipeSize : PipeSizeFromSocket) is { Failed: true } failure)
            return failure;
        while (!run.Done)
        {
            CallFailure failed = direct ? CopyDirectly(job, ref run) : CopyThroughPipe(job, ref run);
            if (!failed.Failed)
                continue;
            Dispose();
            return failed;
        }

        return default;
    }

    // EBADF as for sendfile; EINVAL: a source or destination that has no pages to move, or O_APPEND (splice(2)).
    public bool IsRefusal(Errno errno) => Refusals.IsNotHere(errno) || errno is Errno.EBADF or Errno.ESPIPE;

    /// <summary>Closes the pipe, and with it bytes that never reached a destination.</summary>
    public void Dispose()
    {
        _pipeOut?.Dispose();
        _pipeIn?.Dispose();
        _pipeOut = _pipeIn = null;
    }

    private static bool IsPipe(CopyEnd end) =>
        !end.HasPositions && FileMetadata.Status(end.File, out Statx status) == 0 && status.Type == Statx.TypeFifo;

    private static CallFailure CopyDirectly(CopyJob job, ref CopyRun run)
    {
        long piece = job.NextPiece(run);
        long moved = Move(
            job,
            (job.Source.File, job.Source.HasPositions ? run.SourceOffset : -1),
            (job.Destination.File, job.Destination.HasPositions ? run.DestinationOffset : -1),
            piece);
        if (moved > 0)
            job.Advance(ref run, moved);
        else if (moved == 0)
            run.EndOfSource();
        else if (KernelResult.ErrnoOf(moved) != Errno.EAGAIN || !job.WaitUntilReady())
            return new(Call, KernelResult.ErrnoOf(moved), CallSubject.Both);
        return default;
    }

    private CallFailure CopyThroughPipe(CopyJob job, ref CopyRun run)
    {
        // A stream that gave less than it was asked for is empty: to be told so by another call is one call too many.
        if (_sourceGaveLess)
            _ = job.WaitForSource();
        long piece = job.NextPiece(run, _pipeSize);
        long filled = Move(job, (job.Source.File, job.Source.HasPositions ? run.SourceOffset : -1), (_pipeIn!, -1), piece);
        _sourceGaveLess = filled > 0 && filled < piece;
        if (filled == 0)
            run.EndOfSource();
        if (filled < 0 && (KernelResult.ErrnoOf(filled) != Errno.EAGAIN || !job.WaitForSource()))
            return new(Call, KernelResult.ErrnoOf(filled), CallSubject.Source);
        while (filled > 0)
        {
            long offset = job.Destination.HasPositions ? run.DestinationOffset : -1;
            long moved = Move(job, (_pipeOut!, -1), (job.Destination.File, offset), filled);
            if (moved <= 0)
            {
                if (KernelResult.ErrnoOf(moved) == Errno.EAGAIN && job.WaitForDestination())
                    continue;
                // Zero cannot be: the pipe holds bytes.
                Errno errno = moved == 0 ? Errno.EIO : KernelResult.ErrnoOf(moved);
                CallFailure failure = new(Call, errno, CallSubject.Destination);
                if (!job.Source.HasPositions && IsRefusal(errno))
                    return WriteWhatIsInThePipe(job, ref run, filled, failure);
                job.Lose(filled);
                return failure;
            }

            filled -= moved;
            job.Advance(ref run, moved);
        }

        return default;
    }

    /// <summary>
    /// A destination that takes no pages: what has left a pipe or socket cannot be read there again, so it is written
    /// from here, before another method goes on.
    /// </summary>
    private CallFailure WriteWhatIsInThePipe(CopyJob job, ref CopyRun run, long count, CallFailure refusal)
    {
        CopyEnd pipe = new(_pipeOut!, job.Source.Path, HasPositions: false, CanBeCut: false);
        CopyJob rest = new(pipe, job.Destination, job.Pieces, null, job.Stop);
        CopyRun inPipe = new(0, run.DestinationOffset, count);
        using ReadWriteMethod method = new();
        CallFailure failure = method.Copy(rest, ref inPipe);
        job.CountCalls(rest.SystemCalls);
        if (rest.BytesTransferred > 0)
            job.Advance(ref run, rest.BytesTransferred);
        if (!failure.Failed)
            return refusal;
        job.Lose(count - rest.BytesTransferred);
        throw job.Failed(failure);
    }

    private static unsafe long Move(
        CopyJob job, (Descriptor File, long Offset) from, (Descriptor File, long Offset) to, long count)
    {
        long* fromOffset = from.Offset >= 0 ? &from.Offset : null;
        long* toOffset = to.Offset >= 0 ? &to.Offset : null;
        job.CountCalls(1);
        long returned;
        do returned = CopyCalls.Splice(from.File, fromOffset, to.File, toOffset, (nuint)count, Flags);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private unsafe CallFailure OpenPipe(int size)
    {
        if (_pipeIn is not null)
            return default;
        int* ends = stackalloc int[2];
        long result = KernelResult.Of(PipeCalls.Pipe(ends, OpenFlags.CloseOnExec));
        if (result < 0)
            return new("pipe2", KernelResult.ErrnoOf(result), CallSubject.Both);
        _pipeOut = new(ends[0]);
        _pipeIn = new(ends[1]);
        // Past /proc/sys/fs/pipe-max-size or the user's share (EPERM, EBUSY) the pipe keeps its size: slower, not wrong.
        _pipeSize = size;
        if (FileCalls.Control(_pipeIn, PipeCalls.SetPipeSize, size) < 0)
            _ = FileCalls.Control(_pipeIn, PipeCalls.SetPipeSize, _pipeSize = PipeSize);
        return default;
    }
}
