using System.Globalization;

namespace MemTools.Tests.Pools;

/// <summary>What the kernel knows of a buffer's memory.</summary>
internal static class BufferFacts
{
    internal static bool IsMapped(ulong address) =>
        File.ReadLines("/proc/self/maps").Select(Range).Any(range => range.Start <= address && address < range.End);

    /// <summary>Of the pages that begin in a range, by /proc/self/pagemap.</summary>
    internal static long ResidentBytes(ulong address, long length)
    {
        int page = Environment.SystemPageSize;
        byte[] entries = new byte[length / page * sizeof(ulong)];
        using FileStream map = File.OpenRead("/proc/self/pagemap");
        map.Position = (long)(address / (ulong)page * sizeof(ulong));
        map.ReadExactly(entries);
        // Bit 63 says that the page is present.
        return Enumerable.Range(0, entries.Length / 8).Count(i => entries[(i * 8) + 7] >= 0x80) * (long)page;
    }

    private static (ulong Start, ulong End) Range(string line)
    {
        string[] ends = line.Split(' ')[0].Split('-');
        return (ulong.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
