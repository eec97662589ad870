using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>A method that is one call, made again and again: what the calls have in common.</summary>
internal abstract class PieceMethod : ICopyMethod
{
    public abstract CopyMethod Kind { get; }

    /// <summary>The call, for messages.</summary>
    protected abstract string Call { get; }

    /// <summary>The file that a failed call was about.</summary>
    protected virtual CallSubject Subject => CallSubject.Both;

    [MethodImpl(Compilation.AtOnce)]
    public CallFailure Copy(CopyJob job, ref CopyRun run)
    {
        if (RuledOut(job, run) is var errno and not Errno.None)
            return new(Call, errno, CallSubject.Both);
        long begun = Begin(job, run);
        if (begun < 0)
            return new("lseek", KernelResult.ErrnoOf(begun), CallSubject.Destination);
        try
        {
            return CopyPieces(job, ref run);
        }
        finally
        {
            End();
        }
    }

    public abstract bool IsRefusal(Errno errno);

    public virtual void Dispose()
    {
    }

    /// <summary>What the call would answer, where that is known without making it.</summary>
    protected virtual Errno RuledOut(CopyJob job, in CopyRun run) => Errno.None;

    /// <summary>What a run needs before its first call; a negative errno where that failed.</summary>
    protected virtual long Begin(CopyJob job, in CopyRun run) => 0;

    /// <summary>Makes the call once. Bytes copied, zero at the end of the source, or a negative errno.</summary>
    protected abstract long CopyPiece(CopyJob job, in CopyRun run, long count);

    /// <summary>Lets go of what belonged to the run, however it ended.</summary>
    protected virtual void End()
    {
    }

    [MethodImpl(Compilation.AtOnce)]
    private CallFailure CopyPieces(CopyJob job, ref CopyRun run)
    {
        while (!run.Done)
        {
            long piece = job.NextPiece(run);
            job.CountCalls(1);
            long copied = CopyPiece(job, run, piece);
            if (copied > 0)
                Advance(job, ref run, copied, isShort: copied < piece);
            else if (copied == 0)
                run.EndOfSource();
            else if (KernelResult.ErrnoOf(copied) != Errno.EAGAIN || !job.WaitUntilReady())
                return new(Call, KernelResult.ErrnoOf(copied), Subject);
        }

        return default;
    }

    /// <summary>
    /// A stream that took less than it was offered is full, so it is waited for at once: to be told so by another call costs
    /// sendfile(2) the pages that it takes up and drops again.
    /// </summary>
    private static void Advance(CopyJob job, ref CopyRun run, long bytes, bool isShort)
    {
        job.Advance(ref run, bytes);
        if (isShort && !run.Done)
            _ = job.WaitForDestination();
    }
}
