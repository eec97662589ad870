using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Experiments;

/// <summary>.NET's own way to malloc, with all that a call out of managed code costs.</summary>
internal readonly unsafe struct NativeMemoryBlocks : IBlockAllocator<nint>
{
    public nint Allocate(nuint size) => (nint)NativeMemory.Alloc(size);

    public void Free(nint block, nuint size) => NativeMemory.Free((void*)block);

    public static ref byte FirstByte(nint block) => ref Unsafe.AsRef<byte>((void*)block);
}
