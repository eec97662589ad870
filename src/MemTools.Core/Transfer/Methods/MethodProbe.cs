using MemTools.Kernel;

namespace MemTools.Transfer.Methods;

/// <summary>Finds out by trial which methods would have worked, for the error that says so.</summary>
internal static class MethodProbe
{
    /// <summary>Small enough to cost nothing, large enough for every method to have to do its work.</summary>
    private const long ProbeBytes = 4096;

    /// <summary>
    /// Tries the other methods on the first bytes of the range, into the temporary file of the copy that has failed. Where there
    /// is none, or the bytes of a pipe would be lost, nothing is tried and only what cannot be refused is named.
    /// </summary>
    internal static IEnumerable<CopyMethod> Working(
        CopyJob failed, long start, FileCopyOptions options, DestinationWriter destination, string except)
    {
        if (!failed.Source.HasPositions || !destination.IsScratch || failed.Total <= 0)
            return [CopyMethod.ReadWrite];
        return Enum.GetValues<CopyMethod>().Where(kind =>
            kind != CopyMethod.Auto
            && kind.ToString() != except
            && ContentCopier.Unsuitable(kind, options, failed.Source) is null
            && Works(kind, failed, start));
    }

    private static bool Works(CopyMethod kind, CopyJob failed, long start)
    {
        using ICopyMethod method = MethodChain.Create(kind);
        CopyJob job = new(failed.Source, failed.Destination, new PieceSize(), null, failed.Stop)
        {
            WholeFile = failed.WholeFile,
        };
        // A clone is of the whole: it moves no bytes, so its length does not matter.
        CopyRun run = new(start, 0, kind == CopyMethod.Reflink ? failed.Total : Math.Min(failed.Total, ProbeBytes));
        return !method.Copy(job, ref run).Failed;
    }
}
