using System.Runtime.CompilerServices;

namespace MemTools.Experiments;

/// <summary>What one thread does in a round.</summary>
internal sealed class WorkShare<TBlock>
    where TBlock : struct
{
    private WorkShare(WorkOrder order, int thread)
    {
        Size = (nuint)order.Size;
        Seed = 0x9E3779B97F4A7C15UL * (ulong)(thread + 1);
        Produces = thread % 2 == 0;
        TouchStep = order.Touch == BlockTouch.EveryPage ? (nuint)Environment.SystemPageSize : 0;
    }

    internal nuint Size { get; }

    /// <summary>Blocks to allocate, or to release where another thread allocates.</summary>
    internal long Count { get; private init; }

    /// <summary>Where the thread keeps what it holds. All pages of it are there before the first round.</summary>
    internal TBlock[] Slots { get; private init; } = [];

    /// <summary>Where its random numbers begin.</summary>
    internal ulong Seed { get; }

    internal HandOver<TBlock>? HandOver { get; private init; }

    /// <summary>Whether it puts blocks into <see cref="HandOver"/>; else it takes them out.</summary>
    internal bool Produces { get; }

    /// <summary>From one touched byte to the next; 0 to touch nothing.</summary>
    internal nuint TouchStep { get; }

    /// <summary>Calls of sched_yield so far that were this thread's.</summary>
    internal long Yields => HandOver is null ? 0 : Produces ? HandOver.ProducerYields : HandOver.ConsumerYields;

    /// <summary>Divides the work among the threads.</summary>
    internal static WorkShare<TBlock>[] Divide(WorkOrder order)
    {
        bool inPairs = order.Pattern == AllocationPattern.ProducerConsumer;
        int shares = inPairs ? order.Threads / 2 : order.Threads;
        HandOver<TBlock>?[] ways = [.. Enumerable.Range(0, shares).Select(_ => inPairs ? new HandOver<TBlock>() : null)];
        WorkShare<TBlock>[] work = new WorkShare<TBlock>[order.Threads];
        for (int thread = 0; thread < work.Length; thread++)
        {
            int share = inPairs ? thread / 2 : thread;
            long count = (order.Count / shares) + (share < order.Count % shares ? 1 : 0);
            long slots = inPairs ? 0 : PatternCatalog.Of(order.Pattern).Live(count);
            work[thread] = new(order, thread) { Count = count, Slots = Filled(slots), HandOver = ways[share] };
        }

        return work;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TBlock Allocate<TAllocator>(ref TAllocator allocator, nuint size)
        where TAllocator : struct, IBlockAllocator<TBlock>
    {
        TBlock block = allocator.Allocate(size);
        if (TouchStep > 0)
            Touch<TAllocator>(block, size, TouchStep);
        return block;
    }

    /// <summary>Releases a block and forgets it, lest the garbage collector find it there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Free<TAllocator>(ref TAllocator allocator, ref TBlock block, nuint size)
        where TAllocator : struct, IBlockAllocator<TBlock>
    {
        allocator.Free(block, size);
        block = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Touch<TAllocator>(TBlock block, nuint size, nuint step)
        where TAllocator : struct, IBlockAllocator<TBlock>
    {
        ref byte first = ref TAllocator.FirstByte(block);
        for (nuint offset = 0; offset < size; offset += step)
            Unsafe.Add(ref first, offset) = 1;
    }

    private static TBlock[] Filled(long length)
    {
        TBlock[] slots = new TBlock[length];
        Array.Clear(slots);
        return slots;
    }
}
