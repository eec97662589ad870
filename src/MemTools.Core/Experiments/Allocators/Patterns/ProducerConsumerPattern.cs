using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>Threads in pairs: the even one allocates, the odd one releases.</summary>
internal sealed class ProducerConsumerPattern : IPattern
{
    public long Live(long count) => Math.Min(count, HandOver<int>.Capacity);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        nuint size = share.Size;
        HandOver<TBlock> way = share.HandOver!;
        if (share.Produces)
        {
            for (long left = share.Count; left > 0; left--)
                way.Put(share.Allocate(ref allocator, size));
        }
        else
        {
            for (long left = share.Count; left > 0; left--)
                allocator.Free(way.Take(), size);
        }
    }
}
