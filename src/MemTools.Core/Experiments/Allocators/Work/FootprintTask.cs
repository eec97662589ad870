using System.Runtime.ExceptionServices;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Experiments;

/// <summary>
/// What blocks take in memory: one thread allocates and touches them all, releases every other one, then the rest. The
/// same steps whatever the pattern, so that rows can be compared.
/// </summary>
internal sealed class FootprintTask : IAllocatorWork<FootprintAnswer>
{
    internal static readonly WorkerTask<WorkOrder, FootprintAnswer> Task =
        new("allocator-footprint", Measure, WorkJson.Default.WorkOrder, WorkJson.Default.FootprintAnswer);

    private const long MostBytes = 64L << 20;

    /// <summary>Even where each block takes a page. With every other page released that stays below vm.max_map_count.</summary>
    private const long MostPageBytes = 200L << 20;

    private readonly WorkOrder _order;

    private FootprintTask(WorkOrder order) => _order = order;

    /// <summary>Enough blocks to tell a few bytes a block from the runtime's own comings and goings.</summary>
    internal static long CountOf(long size, long count) =>
        Math.Max(1, Math.Min(count, Math.Min(MostBytes / size, MostPageBytes / Environment.SystemPageSize)));

    public FootprintAnswer Do<TAllocator, TBlock>(TAllocator allocator)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        FootprintAnswer? answer = null;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                _ = Step<TAllocator, TBlock>(allocator, 2);
                answer = Step<TAllocator, TBlock>(allocator, CountOf(_order.Size, _order.Count));
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return answer!;
    }

    private static FootprintAnswer Measure(WorkOrder order) => AllocatorCatalog.Use(order, new FootprintTask(order));

    private FootprintAnswer Step<TAllocator, TBlock>(TAllocator allocator, long count)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        WorkOrder alone = _order with { Count = count, Threads = 1, Pattern = AllocationPattern.Batch, Touch = BlockTouch.EveryPage };
        WorkShare<TBlock> share = WorkShare<TBlock>.Divide(alone)[0];
        TBlock[] blocks = share.Slots;
        long before = Settled<TAllocator, TBlock>();
        int middle = blocks.Length / 2;
        for (int i = 0; i < middle; i++)
            blocks[i] = share.Allocate(ref allocator, share.Size);
        long some = Settled<TAllocator, TBlock>();
        for (int i = middle; i < blocks.Length; i++)
            blocks[i] = share.Allocate(ref allocator, share.Size);
        long full = Settled<TAllocator, TBlock>();
        for (int i = 1; i < blocks.Length; i += 2)
            WorkShare<TBlock>.Free(ref allocator, ref blocks[i], share.Size);
        long half = Settled<TAllocator, TBlock>() - before;
        for (int i = 0; i < blocks.Length; i += 2)
            WorkShare<TBlock>.Free(ref allocator, ref blocks[i], share.Size);
        long left = Settled<TAllocator, TBlock>() - before;
        // Or the collector takes the array itself while the memory is looked at.
        GC.KeepAlive(blocks);
        return new(count, (double)(full - some) / (blocks.Length - middle), half, left);
    }

    private static long Settled<TAllocator, TBlock>()
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        TAllocator.Settle();
        return ResidentMemory.Anonymous();
    }
}
