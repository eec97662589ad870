using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>ioctl_ficlone(2): no bytes move, both files share them until one is written.</summary>
internal sealed class ReflinkMethod : ICopyMethod
{
    public CopyMethod Kind => CopyMethod.Reflink;

    public CallFailure Copy(CopyJob job, ref CopyRun run)
    {
        if (run.Done)
            return default;
        if (!job.Source.HasPositions || !job.Destination.HasPositions || run.Remaining == CopyRun.ToTheEnd)
            return new("ioctl(FICLONE)", Errno.EINVAL, CallSubject.Both);
        _ = job.NextPiece(run);
        job.CountCalls(1);
        long result = job.WholeFile ? CloneFile(job) : CloneRange(job, run);
        if (result < 0)
        {
            string call = job.WholeFile ? "ioctl(FICLONE)" : "ioctl(FICLONERANGE)";
            return new(call, KernelResult.ErrnoOf(result), CallSubject.Both);
        }

        job.Advance(ref run, run.Remaining);
        return default;
    }

    // EPERM: immutable destination or a seccomp filter; EBADF: destination opened with O_APPEND (ioctl_ficlone(2));
    // EACCES and EISDIR cannot come from files that are open.
    public bool IsRefusal(Errno errno) => Refusals.IsNotHere(errno) || errno is Errno.EPERM or Errno.EBADF;

    public void Dispose()
    {
    }

    private static long CloneFile(CopyJob job)
    {
        long returned;
        do returned = CopyCalls.Clone(job.Destination.File, CopyCalls.CloneFile, job.Source.File.Number);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    private static unsafe long CloneRange(CopyJob job, in CopyRun run)
    {
        FileCloneRange range = new()
        {
            SourceDescriptor = job.Source.File.Number,
            SourceOffset = (ulong)run.SourceOffset,
            SourceLength = (ulong)run.Remaining,
            DestinationOffset = (ulong)run.DestinationOffset,
        };
        long returned;
        do returned = CopyCalls.CloneFileRange(job.Destination.File, CopyCalls.CloneRange, &range);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }
}
