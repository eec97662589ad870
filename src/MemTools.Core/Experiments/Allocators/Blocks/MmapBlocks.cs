using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>A mapping of its own for each block. The kernel rounds each up to pages.</summary>
internal readonly unsafe struct MmapBlocks : IBlockAllocator<nint>
{
    private const int Protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
    private const int Flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous;

    private readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint, int, int, int, long, nint> _map;
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, nuint, int> _unmap;

    private MmapBlocks(nint map, nint unmap)
    {
        _map = (delegate* unmanaged[SuppressGCTransition]<nint, nuint, int, int, int, long, nint>)map;
        _unmap = (delegate* unmanaged[SuppressGCTransition]<nint, nuint, int>)unmap;
    }

    internal static MmapBlocks Open() => new(ProgramFunction.Find("mmap"), ProgramFunction.Find("munmap"));

    public nint Allocate(nuint size)
    {
        nint block = _map(0, size, Protection, Flags, -1, 0);
        return block != MemoryCalls.Failed ? block : throw Failure("mmap", size);
    }

    public void Free(nint block, nuint size)
    {
        if (_unmap(block, size) != 0)
            throw Failure("munmap", size);
    }

    public static ref byte FirstByte(nint block) => ref Unsafe.AsRef<byte>((void*)block);

    /// <summary>ENOMEM is mostly the limit on the number of mappings: each hole makes one more.</summary>
    private static SystemCallException Failure(string call, nuint size) =>
        new(call, (Errno)Marshal.GetLastSystemError(), $"{size} bytes (vm.max_map_count limits the number of mappings)");
}
