namespace MemTools.Tests.Pools;

/// <summary>What the kernel knows of a buffer's memory.</summary>
internal static class BufferFacts
{
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
}
