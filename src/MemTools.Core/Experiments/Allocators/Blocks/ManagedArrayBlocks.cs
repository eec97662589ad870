using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Experiments;

/// <summary>New arrays, which the garbage collector finds again when nobody knows them any more.</summary>
internal readonly struct ManagedArrayBlocks : IBlockAllocator<ManagedBlock>
{
    /// <summary>Not inlined: a compiler that sees that nobody keeps the array may leave it out.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public ManagedBlock Allocate(nuint size) => new(new byte[size]);

    public void Free(ManagedBlock block, nuint size)
    {
    }

    public static ref byte FirstByte(ManagedBlock block) => ref MemoryMarshal.GetArrayDataReference(block.Array);

    /// <summary>A full collection that gives back to the kernel what it can.</summary>
    public static void Settle() => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
}
