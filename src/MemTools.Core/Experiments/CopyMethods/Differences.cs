using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Experiments.CopyMethods;

/// <summary>What a difference between measurement and textbook is drawn from.</summary>
internal sealed record MeasuredMethod(
    ComparedMethod Method,
    CopyComparisonOptions Options,
    MethodSample Sample,
    Textbook Textbook,
    InterfaceFeature? ScatterGather)
{
    internal ComparisonTarget Target => Options.Target;

    /// <summary>Bytes that came from the disk; null where the kernel does not count them.</summary>
    internal long? FromDisk => DiskAccounting.IsKept ? Sample.Usage.BytesFromDisk : null;

    /// <summary>Whether blocks were shared instead of bytes moved: the destination has no pages of its own then.</summary>
    internal bool Shared => Method is ComparedMethod.Reflink or ComparedMethod.CopyFileRange
        && Sample.Destination is { CachedBytes: 0 } && FromDisk is null or 0;
}

/// <summary>
/// The sentences that say where a measurement is not what the textbook has, and why. Each needs counters that show it;
/// none is said because it is usually so.
/// </summary>
internal static class Differences
{
    /// <summary>The kernel counts disk reads in whole pages and reads ahead: a little more or less is the same.</summary>
    private const double NearlyAll = 0.99;

    internal static IEnumerable<string> Of(MeasuredMethod one) =>
        new[] { Calls(one), Shared(one), NotDropped(one), FromCache(one), FromDisk(one), SecondCopy(one), StillDirty(one), Interface(one), NoDevice(one) }
            .OfType<string>();

    private static string? Calls(MeasuredMethod one)
    {
        double calls = (double)one.Sample.SystemCalls / one.Sample.Rounds;
        if (one.Method != ComparedMethod.Mmap || calls <= one.Textbook.SystemCalls)
            return null;
        return $"{Number(calls)} calls a round, not {one.Textbook.SystemCalls}: the file is mapped window by window, and each is "
            + "mapped, filled with pages (madvise), written and unmapped.";
    }

    private static string? Shared(MeasuredMethod one) => one.Method == ComparedMethod.CopyFileRange && one.Shared
        ? "No byte was copied: the file system shared the blocks, and the copy has no page in the page cache."
        : null;

    private static string? NotDropped(MeasuredMethod one)
    {
        if (one.Options.Cache != SourceCache.Cold || one.Sample.Source.CachedBefore is not > 0)
            return null;
        return $"Not all of the source was cold: {Size(one.Sample.Source.Dropped)} were dropped, {Size(one.Sample.Source.CachedBefore)} "
            + "stayed in the page cache (memory that is the file's only place, or pages that someone has mapped or locked).";
    }

    private static string? FromCache(MeasuredMethod one)
    {
        if (one.Textbook.DmaCopies == 0 || one.Method == ComparedMethod.DirectIO || one.Shared)
            return null;
        if (one.FromDisk is not { } read || read >= one.Sample.Length * NearlyAll || one.Sample.Source.CachedBefore is not { } cached)
            return null;
        string came = read == 0 ? "No byte" : $"Only {Size(read)}";
        return $"{came} came from the disk by DMA: {Size(cached)} of {Size(one.Sample.Length)} were in the page cache.";
    }

    private static string? FromDisk(MeasuredMethod one)
    {
        if (one.FromDisk is not > 0 || one.Sample.Usage.VoluntarySwitches == 0)
            return null;
        return $"{Size(one.FromDisk)} came from the disk, and the thread slept {one.Sample.Usage.VoluntarySwitches} times: "
            + "waiting, which textbooks do not count, takes the time here.";
    }

    private static string? SecondCopy(MeasuredMethod one)
    {
        bool publishedForSockets = one.Method is ComparedMethod.Sendfile or ComparedMethod.Splice;
        if (one.Target != ComparisonTarget.File || !publishedForSockets || one.Sample.Destination is not { CachedBytes: > 0 } there)
            return null;
        int published = Textbook.Of(one.Method, ComparisonTarget.Socket, gathers: true).CpuCopies;
        return $"One CPU copy, not the {published} that is published for a socket: a file takes pages of its own, and "
            + $"{Size(there.CachedBytes)} of the destination are now in the page cache beside the source's.";
    }

    private static string? StillDirty(MeasuredMethod one) => one.Sample.Destination is { DirtyBytes: > 0 } there
        ? $"The DMA copy to the disk is still to come: {Size(there.DirtyBytes)} of the destination are dirty."
        : null;

    private static string? Interface(MeasuredMethod one)
    {
        if (one.Target != ComparisonTarget.Socket || one.ScatterGather is not { Active: false } lacking)
            return null;
        if (one.Method is not (ComparedMethod.Sendfile or ComparedMethod.Splice))
            return null;
        string why = lacking.CanBeChanged ? "is switched off" : "does not exist";
        return $"{one.Options.Interface} takes no packet from several places (tx-scatter-gather {why} there), so that the kernel "
            + "copies each page once more. This run went over lo, which needs no such copy.";
    }

    private static string? NoDevice(MeasuredMethod one) => (one.Target, one.Method) switch
    {
        (ComparisonTarget.Socket, _) => "No DMA copy to a device: lo hands the packets to the receiver in memory.",
        (ComparisonTarget.Null, ComparedMethod.ReadWrite) =>
            "One CPU copy, into the buffer, and none to a device: /dev/null looks at no byte.",
        (ComparisonTarget.Null, _) => "No copy out of the page cache at all: /dev/null looks at no byte.",
        _ => null,
    };

    private static string Size(long? bytes) => bytes is { } known ? HumanUnits.Size(known) : "an unknown part";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
