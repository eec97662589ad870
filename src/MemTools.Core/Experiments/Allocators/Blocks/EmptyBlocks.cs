using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>Calls that do nothing, made as the native allocators' are: what remains is the cost of the loop.</summary>
internal readonly unsafe struct EmptyBlocks : IBlockAllocator<nint>
{
    private readonly delegate* unmanaged[SuppressGCTransition]<int, int> _nothing;

    private EmptyBlocks(nint nothing) => _nothing = (delegate* unmanaged[SuppressGCTransition]<int, int>)nothing;

    /// <summary>abs(3) is about the least that a function can do.</summary>
    internal static EmptyBlocks Open() => new(ProgramFunction.Find("abs"));

    public nint Allocate(nuint size) => _nothing((int)size);

    public void Free(nint block, nuint size) => _nothing((int)size);

    /// <summary>There is no memory: the loop is run without touching.</summary>
    public static ref byte FirstByte(nint block) => ref Unsafe.NullRef<byte>();
}
