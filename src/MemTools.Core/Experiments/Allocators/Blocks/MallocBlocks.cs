using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>
/// malloc and free, whichever library's the dynamic linker found first: that of LD_PRELOAD before the C library's. They
/// are called without telling the garbage collector, which saves several times their own cost, and is safe here since
/// nothing in the loop allocates managed memory and so no collection waits for the call to end.
/// </summary>
internal readonly unsafe struct MallocBlocks : IBlockAllocator<nint>
{
    private readonly delegate* unmanaged[SuppressGCTransition]<nuint, nint> _allocate;
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, void> _free;

    private MallocBlocks(nint allocate, nint free)
    {
        _allocate = (delegate* unmanaged[SuppressGCTransition]<nuint, nint>)allocate;
        _free = (delegate* unmanaged[SuppressGCTransition]<nint, void>)free;
    }

    internal static MallocBlocks Open() => new(ProgramFunction.Find("malloc"), ProgramFunction.Find("free"));

    public nint Allocate(nuint size)
    {
        nint block = _allocate(size);
        return block != 0 ? block : throw new MemToolsException(ErrorKind.OutOfMemory, $"malloc of {size} bytes failed.");
    }

    public void Free(nint block, nuint size) => _free(block);

    public static ref byte FirstByte(nint block) => ref Unsafe.AsRef<byte>((void*)block);
}
