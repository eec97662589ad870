using MemTools.Pools;

namespace MemTools.Experiments;

/// <summary>Work that can be done with any allocator.</summary>
internal interface IAllocatorWork<TResult>
{
    TResult Do<TAllocator, TBlock>(TAllocator allocator)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct;
}

/// <summary>The allocator of each name.</summary>
internal static class AllocatorCatalog
{
    internal static TResult Use<TResult>(WorkOrder order, IAllocatorWork<TResult> work) => order.Allocator switch
    {
        AllocatorKind.Brk => work.Do<BrkBlocks, nint>(BrkBlocks.Open()),
        AllocatorKind.Mmap => work.Do<MmapBlocks, nint>(MmapBlocks.Open()),
        AllocatorKind.NativeMemory => work.Do<NativeMemoryBlocks, nint>(default),
        AllocatorKind.ArrayPool => work.Do<ArrayPoolBlocks, ManagedBlock>(default),
        AllocatorKind.ManagedArray => work.Do<ManagedArrayBlocks, ManagedBlock>(default),
        AllocatorKind.FixedPool => work.Do<FixedPoolBlocks, PoolBlock>(FixedPoolBlocks.Open(order)),
        AllocatorKind.SizeClassPool => work.Do<SizeClassPoolBlocks, PoolBlock>(SizeClassPoolBlocks.Open()),
        _ => work.Do<MallocBlocks, nint>(MallocBlocks.Open()),
    };

    /// <summary>The function that provides the memory; null for memory of .NET and of this module's pools.</summary>
    internal static string? FunctionOf(AllocatorKind kind) => kind switch
    {
        AllocatorKind.Brk => "sbrk",
        AllocatorKind.Mmap => "mmap",
        AllocatorKind.NativeMemory or AllocatorKind.ArrayPool or AllocatorKind.ManagedArray => null,
        AllocatorKind.FixedPool or AllocatorKind.SizeClassPool => null,
        _ => "malloc",
    };
}
