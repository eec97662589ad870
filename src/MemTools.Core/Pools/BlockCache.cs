using System.Runtime.InteropServices;

namespace MemTools.Pools;

/// <summary>The free blocks that one thread keeps of one concurrent pool.</summary>
internal sealed class BlockCache(long pool)
{
    /// <summary>The number of the pool: a thread may still have the cache of one that has gone.</summary>
    internal readonly long Pool = pool;

    /// <summary>Whose cache it is.</summary>
    internal readonly Thread Owner = Thread.CurrentThread;

    internal BlockCacheState State;
}

/// <summary>What the owner changes at each step, a cache line away from whatever else lies near it on the heap.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct BlockCacheState
{
    /// <summary>
    /// 1 while the owner is at work on the rest: whoever stops the pool waits for the end of that. 2 while it has
    /// <see cref="Head"/> in a session: that may last, and nobody waits.
    /// </summary>
    [FieldOffset(128)]
    internal int Busy;

    /// <summary>How many blocks <see cref="Head"/> leads to.</summary>
    [FieldOffset(132)]
    internal int Count;

    /// <summary>The list that the owner rents from and returns to.</summary>
    [FieldOffset(136)]
    internal nint Head;

    /// <summary>A full batch, or 0.</summary>
    [FieldOffset(144)]
    internal nint Spare;

    [FieldOffset(152)]
    internal RentCounts Counts;
}
