using System.Buffers;
using System.Runtime.InteropServices;

namespace MemTools.Experiments;

/// <summary>Arrays rented from .NET's shared pool, which rounds sizes up to powers of two.</summary>
internal readonly struct ArrayPoolBlocks : IBlockAllocator<ManagedBlock>
{
    public ManagedBlock Allocate(nuint size) => new(ArrayPool<byte>.Shared.Rent((int)size));

    public void Free(ManagedBlock block, nuint size) => ArrayPool<byte>.Shared.Return(block.Array);

    public static ref byte FirstByte(ManagedBlock block) => ref MemoryMarshal.GetArrayDataReference(block.Array);

    public static void Settle() => ManagedArrayBlocks.Settle();
}
