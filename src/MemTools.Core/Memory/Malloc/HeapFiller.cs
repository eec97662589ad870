using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Uses up what the heap has free, by blocks that are kept for ever.</summary>
internal sealed class HeapFiller(GlibcMalloc library)
{
    private const long LargestSmallRequest = 24;

    /// <summary>From large to small, so that each free chunk is used up at one of them.</summary>
    private static readonly long[] Sizes = [100_000, 32_000, 8_000, 2_000, 500, 100, LargestSmallRequest];

    /// <summary>A block that nobody frees.</summary>
    internal static nint Keep(long size)
    {
        nint block = MallocCalls.Allocate((nuint)size);
        return block != 0 ? block : throw new MemToolsException(ErrorKind.OutOfMemory, $"malloc gave the worker no {size} bytes.");
    }

    /// <summary>Uses up the thread's cache and every free chunk: the next block can only come from the top.</summary>
    /// <exception cref="MemToolsException">This thread's arena is not the one on the program break.</exception>
    internal void Drain()
    {
        for (long size = LargestSmallRequest; size <= MallocLayout.LargestCachedRequest; size += 16)
        {
            for (int i = 0; i < MallocLayout.CachedBlocks; i++)
                Keep(size);
        }

        // The first one is large, for which glibc gathers what lies in the fast bins.
        foreach (long size in Sizes)
            KeepUntilTopIsUsed(size);
    }

    /// <summary>Leaves of the top only what glibc itself always leaves.</summary>
    internal void UseUpTop()
    {
        // The first block of a thread brings its cache along, which would count for the block that is watched.
        if (HeapState.Now(library).SystemBytes == 0)
            Keep(LargestSmallRequest);
        while (HeapState.Now(library).TopBytes - MallocLayout.SmallestChunk is var rest and >= MallocLayout.SmallestChunk)
            Keep(MallocLayout.RequestOf(rest));
    }

    /// <summary>
    /// Ends when a block came from the top, or from more of the break, or is a mapping: then no free chunk was large enough.
    /// </summary>
    private void KeepUntilTopIsUsed(long size)
    {
        long top;
        nint block;
        do
        {
            top = HeapState.Now(library).TopBytes;
            block = Keep(size);
            if (!MallocLayout.IsMapped(block) && MallocLayout.IsOfOtherArena(block))
                throw new MemToolsException(ErrorKind.WorkerFailed, "The worker's task does not run on its main thread, whose arena is on the program break.");
        }
        while (HeapState.Now(library).TopBytes == top && !MallocLayout.IsMapped(block));
    }
}
