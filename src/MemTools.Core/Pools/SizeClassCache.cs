using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Pools;

/// <summary>The free blocks that one thread keeps of one size-class pool: a list for each class, outside the managed heap.</summary>
internal sealed unsafe class SizeClassCache
{
    /// <summary>The number of the pool: a thread may still have the cache of one that has gone.</summary>
    internal readonly long Pool;

    internal readonly Thread Owner = Thread.CurrentThread;

    /// <summary>Freed when neither the pool nor the thread, nor a session, knows the cache any more.</summary>
    internal readonly SizeClassCacheState* State;

    internal SizeClassCache(long pool)
    {
        Pool = pool;
        State = (SizeClassCacheState*)NativeMemory.AlignedAlloc((nuint)sizeof(SizeClassCacheState), 128);
        *State = default;
        for (int i = 0; i < SizeClasses.Count; i++)
            State->Lists[i].Most = 1;
    }

    ~SizeClassCache() => NativeMemory.AlignedFree(State);
}

/// <summary>Free blocks of one class.</summary>
internal struct ClassList
{
    internal nint Head;
    internal int Count;

    /// <summary>How many there may be: it grows while the thread asks for many.</summary>
    internal int Most;
}

/// <summary>What the owner changes at each step.</summary>
internal unsafe struct SizeClassCacheState
{
    /// <summary>As of <see cref="BlockCacheState.Busy"/>.</summary>
    internal int Busy;

    internal RentCounts Counts;
    internal ClassLists Lists;

    [InlineArray(SizeClasses.Count)]
    internal struct ClassLists
    {
        private ClassList _first;
    }
}
