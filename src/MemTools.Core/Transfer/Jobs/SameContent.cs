using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Whether two files have the same bytes, as equal hashes would say: each is read at most once, and not beyond the
/// first difference.
/// </summary>
internal static class SameContent
{
    /// <summary>How many bytes from the start are the same in both.</summary>
    /// <param name="source">One file.</param>
    /// <param name="destination">The other.</param>
    /// <param name="length">How far to look.</param>
    /// <param name="stop">Ends it early.</param>
    internal static long CommonPrefix(CopyEnd source, CopyEnd destination, long length, CancellationToken stop)
    {
        using ContentReader sources = new();
        using ContentReader destinations = new();
        long offset = 0;
        while (offset < length)
        {
            stop.ThrowIfCancellationRequested();
            long wanted = Math.Min(ContentReader.BufferSize, length - offset);
            ReadOnlySpan<byte> expected = sources.Read(source, offset, wanted);
            int common = expected.CommonPrefixLength(destinations.Read(destination, offset, wanted));
            offset += common;
            if (common < wanted)
                break;
        }

        return offset;
    }
}
