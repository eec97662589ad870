using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>Each block is released before the next one is allocated.</summary>
internal sealed class PairPattern : IPattern
{
    public long Live(long count) => 1;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        nuint size = share.Size;
        for (long left = share.Count; left > 0; left--)
        {
            TBlock block = share.Allocate(ref allocator, size);
            allocator.Free(block, size);
        }
    }
}
