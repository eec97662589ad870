using System.Globalization;
using System.Xml.Linq;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Reads glibc's own report of its heap.</summary>
public static class MallocHeapReader
{
    /// <summary>From this chunk size on a bin holds a range of sizes (malloc.c, MIN_LARGE_SIZE).</summary>
    private const long SmallestLargeChunk = 1024;

    private const long ChunkAlignment = 16;

    /// <summary>The heap of this process, as it is now.</summary>
    /// <exception cref="MemToolsException">NotSupported: the C library is not glibc.</exception>
    /// <exception cref="SystemCallException">The report could not be taken, as for want of descriptors.</exception>
    public static MallocHeap Read() =>
        Parse(XDocument.Parse(ReadXml()).Root!, MallocLibrary.ForeignAllocator());

    /// <summary>The XML of malloc_info(3), as glibc writes it.</summary>
    /// <exception cref="MemToolsException">NotSupported: the C library is not glibc.</exception>
    /// <exception cref="SystemCallException">The report could not be taken, as for want of descriptors.</exception>
    public static string ReadXml() => MallocReport.Take();

    /// <summary>The file of the library whose malloc this program calls instead of glibc's; null where it calls glibc's.</summary>
    /// <exception cref="MemToolsException">NotSupported: the C library is not glibc.</exception>
    public static string? ForeignAllocator() => MallocLibrary.ForeignAllocator();

    internal static MallocHeap Parse(XElement report, string? foreignAllocator)
    {
        MallocArena[] arenas = [.. report.Elements("heap").Select(ArenaOf)];
        XElement? mapped = Total(report, "mmap");
        return new()
        {
            ProcessId = Environment.ProcessId,
            SystemBytes = arenas.Sum(arena => arena.SystemBytes),
            InUseBytes = arenas.Sum(arena => arena.InUseBytes),
            FreeBytes = arenas.Sum(arena => arena.FreeBytes),
            MappedBlocks = Number(mapped, "count"),
            MappedBytes = Number(mapped, "size"),
            TrimmableBytes = arenas.Sum(Trimmable),
            ForeignAllocator = foreignAllocator,
            Arenas = arenas,
        };
    }

    private static MallocArena ArenaOf(XElement heap)
    {
        MallocBin[] bins = [.. (heap.Element("sizes")?.Elements() ?? []).Select(BinOf).Where(bin => bin.Count > 0)];
        long fast = Number(Total(heap, "fast"), "size");
        long rest = Number(Total(heap, "rest"), "size");
        long restOfBins = bins.Where(bin => bin.Kind != "Fast").Sum(bin => bin.Bytes);
        long system = SizeOf(heap, "system", "current");
        int number = (int)Number(heap, "nr");
        return new()
        {
            Arena = number,
            Backing = number == 0 ? "Break" : "Mapping",
            SystemBytes = system,
            PeakSystemBytes = SizeOf(heap, "system", "max"),
            InUseBytes = system - fast - rest,
            FreeBytes = fast + rest,
            FreeChunks = bins.Sum(bin => bin.Count),
            FastBytes = fast,
            // Since 2.30 the rest includes the top; before, it was counted nowhere.
            TopBytes = Number(Total(heap, "rest"), "count") > bins.Where(bin => bin.Kind != "Fast").Sum(bin => bin.Count)
                ? rest - restOfBins
                : null,
            Bins = bins,
        };
    }

    private static MallocBin BinOf(XElement size)
    {
        long from = Number(size, "from");
        long to = Number(size, "to");
        return new()
        {
            Kind = KindOf(size, from, to),
            // A fast bin is written as the range of requests that share it, and holds one size of chunk.
            SmallestChunk = IsFast(from) ? to : from,
            LargestChunk = to,
            Count = Number(size, "count"),
            Bytes = Number(size, "total"),
        };
    }

    private static string KindOf(XElement size, long from, long to)
    {
        if (size.Name == "unsorted")
            return "Unsorted";
        if (IsFast(from))
            return "Fast";
        return to < SmallestLargeChunk ? "Small" : "Large";
    }

    private static bool IsFast(long from) => from % ChunkAlignment != 0;

    /// <summary>Of arenas on mappings malloc_trim leaves the top alone.</summary>
    private static long Trimmable(MallocArena arena) =>
        arena.Bins.Where(bin => bin.Kind != "Fast" && bin.LargestChunk >= Environment.SystemPageSize).Sum(bin => bin.Bytes)
        + (arena.Arena == 0 ? arena.TopBytes ?? 0 : 0);

    private static XElement? Total(XElement parent, string type) =>
        parent.Elements("total").FirstOrDefault(total => (string?)total.Attribute("type") == type);

    private static long SizeOf(XElement parent, string name, string type) =>
        Number(parent.Elements(name).FirstOrDefault(one => (string?)one.Attribute("type") == type), "size");

    private static long Number(XElement? element, string attribute) =>
        long.Parse(element?.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture);
}
