namespace MemTools.Memory;

/// <summary>What glibc's malloc did for one block of a size, and what its free did with it. All sizes are in bytes.</summary>
public sealed class AllocationTrace
{
    /// <summary>The size that was asked for.</summary>
    public ulong Size { get; init; }

    /// <summary>
    /// Where the block came from: Break (the break was moved for it), Top (the unused rest at the end of the heap), Tcache
    /// (this thread's cache), FastBin, Bin (free chunks in the heap), Mapping (a mapping of its own), Refused.
    /// </summary>
    public string Source { get; init; } = string.Empty;

    /// <summary>The errno of a refused block, else null.</summary>
    public string? ErrorName { get; init; }

    /// <summary>The address that malloc returned; null where it refused.</summary>
    public ulong? Address { get; init; }

    /// <summary>What malloc_usable_size(3) says.</summary>
    public long? UsableSize { get; init; }

    /// <summary>What the block takes of the heap, or its mapping, by the header before it.</summary>
    public long? ChunkSize { get; init; }

    /// <summary>Bytes of the chunk that the block cannot use: its header.</summary>
    public long? HeaderBytes => ChunkSize - UsableSize;

    /// <summary>Bytes of the chunk beyond the size that was asked for: header and rounding.</summary>
    public long? OverheadBytes => ChunkSize - (long)Size;

    /// <summary>How far malloc moved the break (sbrk(0) before and after).</summary>
    public long BreakMovedBytes { get; init; }

    /// <summary>How much malloc mapped (/proc/self/maps before and after).</summary>
    public long MappedBytes { get; init; }

    /// <summary>The system call that follows from it: brk, mmap, or null for none.</summary>
    public string? AllocationCall { get; init; }

    /// <summary>Minor faults within malloc, which writes headers.</summary>
    public long AllocationFaults { get; init; }

    /// <summary>Minor faults of then writing one byte a page; null where the block is too large to be touched.</summary>
    public long? FirstTouchFaults { get; init; }

    /// <summary>
    /// Where the block went when it was freed: Unmapped, BreakMovedBack, Top (kept at the end of the heap), Bin, FastBin or
    /// Tcache (kept for later); null where there was none.
    /// </summary>
    public string? FreedTo { get; init; }

    /// <summary>Why it went there.</summary>
    public string? Reason { get; init; }

    /// <summary>How far free moved the break back.</summary>
    public long BreakReturnedBytes { get; init; }

    /// <summary>How much free unmapped.</summary>
    public long UnmappedBytes { get; init; }

    /// <summary>The system call that follows from it: brk, munmap, or null for none.</summary>
    public string? FreeCall { get; init; }

    /// <summary>The size of the top chunk afterwards.</summary>
    public long TopBytes { get; init; }

    /// <summary>The threshold for mappings when the block was allocated, as set or by glibc's rule.</summary>
    public long MmapThreshold { get; init; }

    /// <summary>The size of the top chunk from which free trims it, when the block was freed.</summary>
    public long TrimThreshold { get; init; }

    /// <summary>What glibc adds to each move of the break.</summary>
    public long TopPad { get; init; }

    /// <summary>Whether freeing a mapping raises the thresholds.</summary>
    public bool DynamicThreshold { get; init; }

    /// <summary>Untouched (another allocator served the worker) or Drained (its free memory was used up first).</summary>
    public string Heap { get; init; } = string.Empty;
}
