namespace MemTools.Memory;

/// <summary>How glibc lays out a block on 64-bit processors (malloc/malloc.c, struct malloc_chunk).</summary>
internal static unsafe class MallocLayout
{
    /// <summary>MINSIZE: the smallest chunk, and what always stays of the top.</summary>
    internal const long SmallestChunk = 32;

    /// <summary>SIZE_SZ: the size field before each block.</summary>
    internal const int Header = 8;

    /// <summary>DEFAULT_MMAP_THRESHOLD, DEFAULT_TRIM_THRESHOLD and DEFAULT_TOP_PAD.</summary>
    internal const long DefaultThreshold = 128 * 1024;

    /// <summary>DEFAULT_MMAP_THRESHOLD_MAX: no threshold can be higher.</summary>
    internal const long HighestThreshold = 32 * 1024 * 1024;

    /// <summary>The largest request that a thread's cache keeps (glibc.malloc.tcache_max).</summary>
    internal const long LargestCachedRequest = 1032;

    /// <summary>tcache_count: how many blocks of a size it keeps.</summary>
    internal const int CachedBlocks = 7;

    /// <summary>A freed chunk that is smaller after merging never makes glibc look at the trim threshold.</summary>
    internal const long SmallestTrimmingChunk = 64 * 1024;

    private const long Alignment = 16;
    private const ulong MappedFlag = 2;
    private const ulong OtherArenaFlag = 4;
    private const ulong FlagBits = 7;

    /// <summary>The chunk that a request takes from the heap.</summary>
    internal static long ChunkOf(long request) =>
        Math.Max(SmallestChunk, (request + Header + Alignment - 1) & -Alignment);

    /// <summary>The largest request that fits a chunk.</summary>
    internal static long RequestOf(long chunk) => chunk - Header;

    /// <summary>Whether the block is a mapping of its own, by its header.</summary>
    internal static bool IsMapped(nint block) => (SizeField(block) & MappedFlag) != 0;

    /// <summary>Whether the block lies in an arena that is not on the program break, by its header.</summary>
    internal static bool IsOfOtherArena(nint block) => (SizeField(block) & OtherArenaFlag) != 0;

    /// <summary>The chunk's size in its header; that of a mapping is the mapping's.</summary>
    internal static long ChunkSize(nint block) => (long)(SizeField(block) & ~FlagBits);

    private static ulong SizeField(nint block) => *((ulong*)block - 1);
}
