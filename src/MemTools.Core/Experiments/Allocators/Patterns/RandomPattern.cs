using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>Blocks of random sizes with random lifetimes; the same ones in every process.</summary>
internal sealed class RandomPattern : IPattern
{
    private const int MostLive = 1024;

    public long Live(long count) => Math.Min(count, MostLive);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        ulong random = share.Seed;
        Span<TBlock> blocks = share.Slots;
        Span<nuint> sizes = stackalloc nuint[blocks.Length];
        for (long left = share.Count; left > 0; left--)
        {
            random = Next(random);
            int place = (int)((random >> 40) % (ulong)blocks.Length);
            nuint size = 1 + (nuint)(random % share.Size);
            if (sizes[place] > 0)
                allocator.Free(blocks[place], sizes[place]);
            blocks[place] = share.Allocate(ref allocator, size);
            sizes[place] = size;
        }

        for (int i = 0; i < blocks.Length; i++)
        {
            if (sizes[i] > 0)
                WorkShare<TBlock>.Free(ref allocator, ref blocks[i], sizes[i]);
        }
    }

    /// <summary>Marsaglia's xorshift64: three operations, and every number but zero once.</summary>
    private static ulong Next(ulong number)
    {
        number ^= number << 13;
        number ^= number >> 7;
        return number ^ (number << 17);
    }
}
