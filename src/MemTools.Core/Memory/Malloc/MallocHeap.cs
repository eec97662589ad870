namespace MemTools.Memory;

/// <summary>glibc's heap of the calling process (malloc_info(3)). All sizes are in bytes.</summary>
public sealed class MallocHeap
{
    /// <summary>The process, which is always the calling one: no other can be asked.</summary>
    public int ProcessId { get; init; }

    /// <summary>What all arenas got from the system and have not given back.</summary>
    public long SystemBytes { get; init; }

    /// <summary>What is allocated in the arenas; blocks in the caches of threads (tcache) count as allocated.</summary>
    public long InUseBytes { get; init; }

    /// <summary>What is free in the arenas: bins, fast bins and top chunks.</summary>
    public long FreeBytes { get; init; }

    /// <summary>How many blocks are mappings of their own.</summary>
    public long MappedBlocks { get; init; }

    /// <summary>Bytes of these mappings.</summary>
    public long MappedBytes { get; init; }

    /// <summary>
    /// The most that malloc_trim(3) could give back: the top of the main arena, and the free chunks that are large enough to
    /// hold a page. Pages that were never touched, or were given back before, count here too.
    /// </summary>
    public long TrimmableBytes { get; init; }

    /// <summary>The file of the library whose malloc the program calls instead of glibc's; null where it calls glibc's.</summary>
    public string? ForeignAllocator { get; init; }

    /// <summary>The arenas, the main one first.</summary>
    public MallocArena[] Arenas { get; init; } = [];
}

/// <summary>An arena: a heap that threads share. A thread uses one at a time. All sizes are in bytes.</summary>
public sealed class MallocArena
{
    /// <summary>Its number; 0 is the main arena.</summary>
    public int Arena { get; init; }

    /// <summary>Break (the main arena, on the program break) or Mapping.</summary>
    public string Backing { get; init; } = string.Empty;

    /// <summary>What it got from the system and has not given back.</summary>
    public long SystemBytes { get; init; }

    /// <summary>The most that it ever had.</summary>
    public long PeakSystemBytes { get; init; }

    /// <summary>What is allocated in it; blocks in the caches of threads (tcache) count as allocated.</summary>
    public long InUseBytes { get; init; }

    /// <summary>What is free in it: bins, fast bins and the top chunk.</summary>
    public long FreeBytes { get; init; }

    /// <summary>Free chunks in its bins and fast bins, without the top.</summary>
    public long FreeChunks { get; init; }

    /// <summary>Of these, the bytes in fast bins, which are not joined with their neighbours.</summary>
    public long FastBytes { get; init; }

    /// <summary>Its top chunk, from which new blocks are cut; null where this glibc (before 2.30) does not say.</summary>
    public long? TopBytes { get; init; }

    /// <summary>Its bins that hold chunks.</summary>
    public MallocBin[] Bins { get; init; } = [];
}

/// <summary>A list of free chunks of one size, or of a range of sizes. All sizes are in bytes.</summary>
public sealed class MallocBin
{
    /// <summary>Fast, Small, Unsorted or Large.</summary>
    public string Kind { get; init; } = string.Empty;

    /// <summary>The smallest chunk in it.</summary>
    public long SmallestChunk { get; init; }

    /// <summary>The largest chunk in it.</summary>
    public long LargestChunk { get; init; }

    /// <summary>How many chunks it holds.</summary>
    public long Count { get; init; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; init; }
}
