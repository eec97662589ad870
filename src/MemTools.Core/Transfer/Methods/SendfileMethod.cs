using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>sendfile(2). It writes at the destination's own position, which is set first.</summary>
internal sealed class SendfileMethod : PieceMethod
{
    public override CopyMethod Kind => CopyMethod.Sendfile;

    protected override string Call => "sendfile";

    // EBADF and EINVAL: destination opened with O_APPEND; EINVAL: a source that cannot be spliced from (sendfile(2)).
    public override bool IsRefusal(Errno errno) =>
        Refusals.IsNotHere(errno) || errno is Errno.EBADF or Errno.ESPIPE;

    protected override long Begin(CopyJob job, in CopyRun run)
    {
        if (!job.Destination.HasPositions)
            return 0;
        long position = FileIO.Seek(job.Destination.File, run.DestinationOffset, FileCalls.SeekSet);
        // Where the file system has no such offset, lseek says EINVAL and writing there says EFBIG.
        return KernelResult.ErrnoOf(position) == Errno.EINVAL ? -(long)Errno.EFBIG : position;
    }

    protected override unsafe long CopyPiece(CopyJob job, in CopyRun run, long count)
    {
        long from = run.SourceOffset;
        long* offset = job.Source.HasPositions ? &from : null;
        long returned;
        do returned = CopyCalls.SendFile(job.Destination.File, job.Source.File, offset, (nuint)count);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }
}
