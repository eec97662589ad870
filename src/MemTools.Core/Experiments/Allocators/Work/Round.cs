using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>A thread's part of a round, or the whole of it.</summary>
/// <param name="Begin">Stopwatch ticks.</param>
/// <param name="End">Stopwatch ticks.</param>
/// <param name="Usage">What the kernel charged.</param>
/// <param name="SystemCalls">Those of the allocator; null where they were not counted.</param>
internal readonly record struct Round(long Begin, long End, ThreadUsage Usage, long? SystemCalls)
{
    /// <summary>From the first thread's first step to the last one's last.</summary>
    internal static Round Whole(IReadOnlyCollection<Round> parts) => new(
        parts.Min(part => part.Begin),
        parts.Max(part => part.End),
        parts.Aggregate(default(ThreadUsage), (sum, part) => sum + part.Usage),
        parts.All(part => part.SystemCalls is not null) ? parts.Sum(part => part.SystemCalls) : null);

    internal double Nanoseconds(long operations) =>
        (End - Begin) * 1e9 / System.Diagnostics.Stopwatch.Frequency / operations;
}
