using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Experiments.CopyMethods;

/// <summary>What one run of one method took.</summary>
internal sealed record MethodSample(
    TimeSpan Elapsed,
    ThreadUsage Usage,
    long SystemCalls,
    long Rounds,
    long Length,
    long? PeakResidentBytes,
    SourceState Source,
    CacheResidency? Destination)
{
    internal double BytesPerSecond => Length / Math.Max(Elapsed.TotalSeconds, 1e-9);
}

/// <summary>The source's pages in the page cache around a run.</summary>
/// <param name="Dropped">Bytes that were dropped before; null where none were to be.</param>
/// <param name="CachedBefore">Bytes that were there when the run began.</param>
/// <param name="CachedAfter">Bytes that were there after it.</param>
internal readonly record struct SourceState(long? Dropped, long? CachedBefore, long? CachedAfter);
