using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>All blocks are allocated, then all released, the last one first.</summary>
internal sealed class BatchPattern : IPattern
{
    public long Live(long count) => count;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        nuint size = share.Size;
        Span<TBlock> blocks = share.Slots;
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = share.Allocate(ref allocator, size);
        for (int i = blocks.Length - 1; i >= 0; i--)
            WorkShare<TBlock>.Free(ref allocator, ref blocks[i], size);
    }
}
