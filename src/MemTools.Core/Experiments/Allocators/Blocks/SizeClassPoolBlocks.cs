using System.Runtime.CompilerServices;
using MemTools.Pools;

namespace MemTools.Experiments;

/// <summary>Blocks of one of this module's size-class pools, by the handle that checks each use.</summary>
internal readonly unsafe struct SizeClassPoolBlocks : IBlockAllocator<PoolBlock>
{
    private readonly SizeClassPool _pool;

    private SizeClassPoolBlocks(SizeClassPool pool) => _pool = pool;

    internal static SizeClassPoolBlocks Open() => new(SizeClassPool.Create());

    public PoolBlock Allocate(nuint size) => _pool.Rent((long)size);

    public void Free(PoolBlock block, nuint size) => _pool.Return(block);

    public static ref byte FirstByte(PoolBlock block) => ref Unsafe.AsRef<byte>((void*)block.Address);
}
