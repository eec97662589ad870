namespace MemTools.Memory;

/// <summary>What stands behind one page of a process's addresses. Null is what this kernel, or this user's rights, do not tell.</summary>
public sealed class PageFrame
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The address that was asked for; with -Count, the first of each further page.</summary>
    public required ulong Address { get; init; }

    /// <summary>The first address of the page.</summary>
    public required ulong PageStart { get; init; }

    /// <summary>Bytes of a page.</summary>
    public required long PageSize { get; init; }

    /// <summary><c>Present</c>, <c>Swapped</c>, or <c>Untouched</c>: mapped, and nothing is there yet.</summary>
    public string State => IsPresent ? "Present" : IsSwapped ? "Swapped" : "Untouched";

    /// <summary>Whether the page is in memory and in the process's page table.</summary>
    public required bool IsPresent { get; init; }

    /// <summary>Whether the page is in a swap area, or on its way between two frames.</summary>
    public required bool IsSwapped { get; init; }

    /// <summary>The number of the page frame; null where the page is not present, or for want of CAP_SYS_ADMIN.</summary>
    public required ulong? Frame { get; init; }

    /// <summary>The address in the machine's memory: the frame's, plus the offset in the page.</summary>
    public ulong? PhysicalAddress => Frame is { } frame ? (frame * (ulong)PageSize) + (Address - PageStart) : null;

    /// <summary>Whether the page belongs to a file or to shared memory, rather than to this process alone; null where nothing is there.</summary>
    public required bool? IsFileOrShared { get; init; }

    /// <summary>Whether no other process maps the page; null where it is not present.</summary>
    public required bool? IsExclusive { get; init; }

    /// <summary>Whether the page was written since the soft-dirty bits were cleared; null where the kernel does not keep them.</summary>
    public required bool? IsSoftDirty { get; init; }

    /// <summary>Whether userfaultfd(2) guards the page against writing; null before Linux 5.13.</summary>
    public required bool? IsWriteProtected { get; init; }

    /// <summary>Whether the frame is part of a huge page, transparent or of hugetlbfs; null where /proc/kpageflags cannot be read.</summary>
    public required bool? IsHuge { get; init; }

    /// <summary>How often the frame is mapped, by all processes together; null where /proc/kpagecount cannot be read.</summary>
    public required long? MapCount { get; init; }

    /// <summary>What the kernel does with the frame, such as <c>Uptodate, Lru, Mmap, Anon</c>; null where /proc/kpageflags cannot be read.</summary>
    public required string? Flags { get; init; }

    /// <summary>The number of the swap area; null where the page is not swapped out, or for want of CAP_SYS_ADMIN.</summary>
    public required int? SwapArea { get; init; }

    /// <summary>Which page of the swap area.</summary>
    public required long? SwapOffset { get; init; }

    /// <summary>What is not told and why, in a sentence; null where all is.</summary>
    public required string? Hidden { get; init; }
}
