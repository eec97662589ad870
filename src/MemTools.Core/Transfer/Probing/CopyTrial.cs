using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Methods;

namespace MemTools.Transfer.Probing;

/// <summary>Tries a copy method on a few pages, with the very code that copies files.</summary>
internal static class CopyTrial
{
    /// <summary>The methods that depend on the file systems of both ends.</summary>
    internal static readonly CopyMethod[] Methods =
        [CopyMethod.Reflink, CopyMethod.CopyFileRange, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.DirectIO];

    /// <summary>Copies from one place to a new scratch file of another.</summary>
    internal static FeatureAnswer Run(CopyMethod method, ProbedPlace from, ProbedPlace to, CancellationToken stop)
    {
        if (from.Source is not { } source)
            return NoScratch(from);
        if (to.Scratch is null)
            return NoScratch(to);
        using ScratchFile? target = to.Another();
        return target is null ? NoScratch(to) : Run(method, source, target.End, stop);
    }

    internal static FeatureAnswer Run(CopyMethod method, CopyEnd source, CopyEnd destination, CancellationToken stop)
    {
        using ICopyMethod copier = MethodChain.Create(method);
        CopyJob job = new(source, destination, new PieceSize(), null, stop);
        // A file that is read because nothing can be written beside it may be shorter: its end ends the run.
        CopyRun run = new(0, 0, ProbedPlace.Length);
        CallFailure failure = copier.Copy(job, ref run);
        if (!failure.Failed)
            return FeatureAnswer.Yes(method == CopyMethod.DirectIO ? AlignmentOf(source, destination) : string.Empty);
        string reason = failure.Reason ?? Refusals.Explain(method, failure.Errno);
        return FeatureAnswer.No(failure.Errno, $"{failure.Call}: {reason}.");
    }

    internal static FeatureAnswer NoScratch(ProbedPlace place)
    {
        string reason = place.ScratchErrno == Errno.EXDEV
            ? $"Not tried: a scratch file beside '{place.Path}' is on another file system than it."
            : $"Not tried: no scratch file can be written in '{place.Folder}'.";
        return FeatureAnswer.Unknown(place.ScratchErrno, reason);
    }

    private static string AlignmentOf(CopyEnd source, CopyEnd destination)
    {
        (uint Offset, uint Memory) one = Alignment(source.File);
        (uint Offset, uint Memory) other = Alignment(destination.File);
        return $"offsets and lengths at multiples of {Math.Max(one.Offset, other.Offset)}, "
            + $"buffers at multiples of {Math.Max(one.Memory, other.Memory)} bytes";
    }

    private static (uint Offset, uint Memory) Alignment(Descriptor file) =>
        FileMetadata.Status(file, out Statx status, Statx.DirectIOAlignment) < 0
            ? default
            : (status.DirectOffsetAlignment, status.DirectMemoryAlignment);
}
