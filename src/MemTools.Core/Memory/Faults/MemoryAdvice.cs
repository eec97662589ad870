using MemTools.Native;

namespace MemTools.Memory;

/// <summary>What madvise(2) tells the kernel about a mapping before it is touched.</summary>
public enum MemoryAdvice
{
    /// <summary>Small pages only (MADV_NOHUGEPAGE): one fault is one page, whatever the system's policy is.</summary>
    NoHugePage,

    /// <summary>Nothing: huge pages are as the system's policy has it (MADV_NORMAL).</summary>
    Normal,

    /// <summary>Transparent huge pages where they can be had (MADV_HUGEPAGE).</summary>
    HugePage,

    /// <summary>Reads of a file will be sequential: read far ahead (MADV_SEQUENTIAL).</summary>
    Sequential,

    /// <summary>Reads of a file will be random: do not read ahead (MADV_RANDOM).</summary>
    Random,

    /// <summary>Pages of a file will be wanted soon: start reading them (MADV_WILLNEED).</summary>
    WillNeed,

    /// <summary>Map all pages in for reading now (MADV_POPULATE_READ, Linux 5.14).</summary>
    PopulateRead,

    /// <summary>Map all pages in for writing now, copies made (MADV_POPULATE_WRITE, Linux 5.14).</summary>
    PopulateWrite,
}

/// <summary>The kernel's numbers for the advices.</summary>
internal static class MemoryAdvices
{
    internal static int NumberOf(MemoryAdvice advice) => advice switch
    {
        MemoryAdvice.NoHugePage => MemoryCalls.AdviseNoHugePage,
        MemoryAdvice.Normal => MemoryCalls.AdviseNormal,
        MemoryAdvice.HugePage => MemoryCalls.AdviseHugePage,
        MemoryAdvice.Sequential => MemoryCalls.AdviseSequential,
        MemoryAdvice.Random => MemoryCalls.AdviseRandom,
        MemoryAdvice.WillNeed => MemoryCalls.AdviseWillNeed,
        MemoryAdvice.PopulateRead => MemoryCalls.AdvisePopulateRead,
        _ => MemoryCalls.AdvisePopulateWrite,
    };

    internal static bool Populates(MemoryAdvice advice) => advice is MemoryAdvice.PopulateRead or MemoryAdvice.PopulateWrite;
}
