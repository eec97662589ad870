using System.Globalization;

namespace MemTools.Memory;

/// <summary>Why free did with a block what it did, in a sentence.</summary>
internal static class FreeReason
{
    internal static string Of(BlockDeath death, long chunk, long trim, long mmapBefore, MallocThresholds now) => death.FreedTo switch
    {
        FreedTo.Unmapped when now.Mmap != mmapBefore =>
            Text($"It was a mapping of its own; freeing it raised the threshold for mappings to {now.Mmap:N0} bytes and the trim threshold to {now.Trim:N0}."),
        FreedTo.Unmapped => Text($"It was a mapping of its own; the threshold stays at {now.Mmap:N0} bytes{WhyStays(chunk, now)}."),
        FreedTo.BreakMovedBack => Text($"With it the top reached the trim threshold of {trim:N0} bytes; all but top pad ({now.TopPad:N0} bytes) and a rest went back."),
        FreedTo.Top when trim < 0 => Text($"It was joined to the top, now {death.TopBytes:N0} bytes; trimming is turned off."),
        FreedTo.Top when death.TopBytes < trim => Text($"It was joined to the top, now {death.TopBytes:N0} bytes, less than the trim threshold of {trim:N0}."),
        FreedTo.Top => Text($"It was joined to the top, now {death.TopBytes:N0} bytes; {WhyNotTrimmed(death, now)}."),
        FreedTo.Tcache => "It is kept in this thread's cache, where blocks are never joined with their neighbours.",
        FreedTo.FastBin => "It is kept in a fast bin, where blocks are not joined with their neighbours until a large request.",
        _ => "It is kept among the free chunks of the heap: a block above it is in use and pins the top.",
    };

    /// <summary>Compiles what each of the sentences needs.</summary>
    internal static void Rehearse(MallocThresholds now)
    {
        foreach (FreedTo place in Enum.GetValues<FreedTo>())
            Of(new(place, 0, 0, 0), 0, now.Trim, now.Mmap, now);
    }

    private static string WhyStays(long chunk, MallocThresholds now)
    {
        if (!now.Dynamic)
            return ", since an option was set";
        return chunk > MallocLayout.HighestThreshold ? ", since no threshold rises above 32 MiB" : ", which is as high as the block";
    }

    private static string WhyNotTrimmed(BlockDeath death, MallocThresholds now) =>
        death.TopBytes < MallocLayout.SmallestTrimmingChunk
            ? "free looks at the trim threshold only from 64 KiB on"
            : Text($"top pad ({now.TopPad:N0} bytes) leaves no page to return");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
