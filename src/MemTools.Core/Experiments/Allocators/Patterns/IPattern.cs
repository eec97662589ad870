namespace MemTools.Experiments;

/// <summary>An order in which blocks are allocated and released.</summary>
internal interface IPattern
{
    /// <summary>The most blocks that one thread holds at a time when it allocates so many.</summary>
    long Live(long count);

    /// <summary>Size of the largest block.</summary>
    long Largest(long size) => size;

    /// <summary>Does one thread's share of a round.</summary>
    void Run<TAllocator, TBlock>(ref TAllocator allocator, WorkShare<TBlock> share)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct;
}
