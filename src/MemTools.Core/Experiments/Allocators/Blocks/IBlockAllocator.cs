namespace MemTools.Experiments;

/// <summary>
/// One way to get memory. Implemented by structures: the compiler then makes a loop of its own for each, without a
/// virtual call in it.
/// </summary>
/// <typeparam name="TBlock">What a block is known by: an address, or an array.</typeparam>
internal interface IBlockAllocator<TBlock>
    where TBlock : struct
{
    /// <summary>A block of at least one byte.</summary>
    TBlock Allocate(nuint size);

    /// <summary>Releases a block of the size that it was allocated with.</summary>
    void Free(TBlock block, nuint size);

    /// <summary>Where a block's bytes begin.</summary>
    static abstract ref byte FirstByte(TBlock block);

    /// <summary>Lets a memory manager that works in its own time do what it would do later.</summary>
    static virtual void Settle()
    {
    }
}
