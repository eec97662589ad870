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

    private const string FastKind = "Fast";

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
        XElement[] sizes = [.. (heap.Element("sizes")?.Elements() ?? []).Where(size => Number(size, "count") > 0)];
        MallocBin[] bins = [.. sizes.Select(BinOf)];
        long? top = TopOf(heap, sizes);
        long free = bins.Sum(bin => bin.Bytes) + (top ?? 0);
        long system = SizeOf(heap, "system", "current");
        int number = (int)Number(heap, "nr");
        return new()
        {
            Arena = number,
            Backing = number == 0 ? "Break" : "Mapping",
            SystemBytes = system,
            PeakSystemBytes = SizeOf(heap, "system", "max"),
            InUseBytes = system - free,
            FreeBytes = free,
            FreeChunks = bins.Sum(bin => bin.Count),
            FastBytes = bins.Where(bin => bin.Kind == FastKind).Sum(bin => bin.Bytes),
            TopBytes = top,
            Bins = bins,
        };
    }

    /// <summary>The total named "rest" includes the top since glibc 2.30; before, that was counted nowhere.</summary>
    private static long? TopOf(XElement heap, XElement[] sizes)
    {
        XElement[] others = [.. sizes.Where(size => !IsFast(size))];
        XElement? rest = Total(heap, "rest");
        return Number(rest, "count") > others.Sum(size => Number(size, "count"))
            ? Number(rest, "size") - others.Sum(size => Number(size, "total"))
            : null;
    }

    private static MallocBin BinOf(XElement size)
    {
        long count = Number(size, "count");
        long largest = WithoutFlags(Number(size, "to"));
        // A fast bin is written as the range of requests that share it, and holds one size of chunk.
        long smallest = IsFast(size) ? largest : WithoutFlags(Number(size, "from"));
        return new()
        {
            Kind = KindOf(size, largest),
            SmallestChunk = smallest,
            LargestChunk = largest,
            Count = count,
            // In a bin of many sizes each chunk has at least the flag 1 added.
            Bytes = smallest == largest ? count * largest : (Number(size, "total") - count) & -ChunkAlignment,
        };
    }

    private static string KindOf(XElement size, long largest)
    {
        if (size.Name == "unsorted")
            return "Unsorted";
        if (IsFast(size))
            return FastKind;
        return largest < SmallestLargeChunk ? "Small" : "Large";
    }

    private static bool IsFast(XElement size) =>
        Number(size, "to") % ChunkAlignment == 0 && Number(size, "from") % ChunkAlignment != 0;

    /// <summary>For all but fast bins glibc writes, and adds up, sizes as they stand in the headers, flags and all.</summary>
    private static long WithoutFlags(long size) => size & -ChunkAlignment;

    /// <summary>Of arenas on mappings malloc_trim leaves the top alone.</summary>
    private static long Trimmable(MallocArena arena) =>
        arena.Bins.Where(bin => bin.Kind != FastKind && bin.LargestChunk >= Environment.SystemPageSize).Sum(bin => bin.Bytes)
        + (arena.Arena == 0 ? arena.TopBytes ?? 0 : 0);

    private static XElement? Total(XElement parent, string type) =>
        parent.Elements("total").FirstOrDefault(total => (string?)total.Attribute("type") == type);

    private static long SizeOf(XElement parent, string name, string type) =>
        Number(parent.Elements(name).FirstOrDefault(one => (string?)one.Attribute("type") == type), "size");

    private static long Number(XElement? element, string attribute) =>
        long.Parse(element?.Attribute(attribute)?.Value ?? "0", CultureInfo.InvariantCulture);
}
