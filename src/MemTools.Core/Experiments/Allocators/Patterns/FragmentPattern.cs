using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>Holes everywhere, and then blocks that do not fit into them.</summary>
internal sealed class FragmentPattern : IPattern
{
    /// <summary>Two of three allocations fill the places; the third replaces every other block.</summary>
    public long Live(long count) => count - (count / 3);

    public long Largest(long size) => 2 * size;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        nuint size = share.Size;
        Span<TBlock> blocks = share.Slots;
        // With a remainder of the division the last place or two keep their first block.
        int replaced = (int)(share.Count - blocks.Length) * 2;
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = share.Allocate(ref allocator, size);
        for (int i = 1; i < replaced; i += 2)
            WorkShare<TBlock>.Free(ref allocator, ref blocks[i], size);
        for (int i = 1; i < replaced; i += 2)
            blocks[i] = share.Allocate(ref allocator, 2 * size);
        for (int i = 0; i < blocks.Length; i++)
            WorkShare<TBlock>.Free(ref allocator, ref blocks[i], (i & 1) == 1 && i < replaced ? 2 * size : size);
    }
}
