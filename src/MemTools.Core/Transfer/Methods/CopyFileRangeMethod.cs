using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>copy_file_range(2).</summary>
internal sealed class CopyFileRangeMethod : PieceMethod
{
    public override CopyMethod Kind => CopyMethod.CopyFileRange;

    protected override string Call => "copy_file_range";

    // EPERM: immutable destination or a seccomp filter; EBADF: destination opened with O_APPEND (copy_file_range(2)).
    // A real reason behind either shows again in the method after this one.
    public override bool IsRefusal(Errno errno) =>
        Refusals.IsNotHere(errno) || errno is Errno.EPERM or Errno.EBADF;

    // Kernels from 5.3 to 5.18 answer 0, as at the end, for files that do not know their size (/proc): never ask.
    [MethodImpl(Compilation.AtOnce)]
    protected override Errno RuledOut(CopyJob job, in CopyRun run) =>
        job.Source.HasPositions && job.Destination.HasPositions && !job.SourceHidesItsLength ? Errno.None : Errno.EINVAL;

    [MethodImpl(Compilation.AtOnce)]
    protected override unsafe long CopyPiece(CopyJob job, in CopyRun run, long count)
    {
        long from = run.SourceOffset;
        long to = run.DestinationOffset;
        long returned;
        do
        {
            returned = CopyCalls.CopyFileRange(
                job.Source.File, &from, job.Destination.File, &to, (nuint)count, 0);
        }
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }
}
