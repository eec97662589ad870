using System.Runtime.CompilerServices;
using MemTools.Pools;

namespace MemTools.Experiments;

/// <summary>Blocks of one of this module's fixed pools, which are as long as the longest of the work, by the handle that checks each use.</summary>
internal readonly unsafe struct FixedPoolBlocks : IBlockAllocator<PoolBlock>
{
    /// <summary>What the pool begins with; it doubles as often as it has to.</summary>
    private const int FirstBlocks = 64;

    private readonly FixedPool _pool;

    private FixedPoolBlocks(FixedPool pool) => _pool = pool;

    internal static FixedPoolBlocks Open(WorkOrder order) => new(FixedPool.Create(new()
    {
        BlockSize = PatternCatalog.Of(order.Pattern).Largest(order.Size),
        Count = Math.Min(FirstBlocks, order.Count),
        Concurrent = order.Threads > 1,
    }));

    public PoolBlock Allocate(nuint size) => _pool.Rent();

    public void Free(PoolBlock block, nuint size) => _pool.Return(block);

    public static ref byte FirstByte(PoolBlock block) => ref Unsafe.AsRef<byte>((void*)block.Address);
}
