using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>
/// Blocks on top of the program break. A break is a stack: only the last block can be given back; others stay until
/// none is left. Whatever else in the process moves the break (glibc's malloc does) would have its memory pulled from
/// under it, so the break goes down only while it stands where it was last put.
/// </summary>
internal unsafe struct BrkBlocks : IBlockAllocator<nint>
{
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, nint> _move;
    private nint _bottom;
    private nint _top;
    private long _live;

    private BrkBlocks(nint move) => _move = (delegate* unmanaged[SuppressGCTransition]<nint, nint>)move;

    internal static BrkBlocks Open() => new(ProgramFunction.Find("sbrk"));

    public nint Allocate(nuint size)
    {
        nint block = _move((nint)size);
        if (block == MemoryCalls.Failed)
            throw new SystemCallException("brk", (Errno)Marshal.GetLastSystemError(), $"{size} bytes more");
        if (_live++ == 0)
            _bottom = block;
        else if (block != _top)
            throw Moved();
        _top = block + (nint)size;
        return block;
    }

    public void Free(nint block, nuint size)
    {
        _live--;
        if (_live == 0)
            MoveDownTo(_bottom);
        else if (block + (nint)size == _top)
            MoveDownTo(block);
    }

    public static ref byte FirstByte(nint block) => ref Unsafe.AsRef<byte>((void*)block);

    private void MoveDownTo(nint place)
    {
        // glibc answers from memory, without a call.
        if (_move(0) != _top)
            throw Moved();
        _move(place - _top);
        _top = place;
    }

    private static MemToolsException Moved() =>
        new(ErrorKind.WorkerFailed, "Something else in the process moved the program break, so it cannot be put back.");
}
