using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// A place in the address space where the same mapping is made, removed and made again. It is held by a mapping
/// without access that is a page larger at both ends: so nothing else is mapped there in between, the mapping never
/// merges with a neighbour (its figures in smaps are its own), and it begins where a huge page can.
/// </summary>
internal sealed class MappedArea : IDisposable
{
    private const int Unused = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous | MemoryCalls.MapNoReserve;

    private readonly nint _held;
    private readonly nuint _heldLength;
    private readonly nuint _length;

    /// <summary>A mapping in place of the other failed, and the kernel may have left a hole, where anyone may map.</summary>
    private bool _torn;

    private MappedArea(nint held, nuint heldLength, nint address, nuint length) =>
        (_held, _heldLength, Address, _length) = (held, heldLength, address, length);

    internal nint Address { get; }

    /// <exception cref="SystemCallException">There is no address space for it: ENOMEM, as past RLIMIT_AS.</exception>
    internal static MappedArea Hold(long length, long alignment)
    {
        nuint heldLength = (nuint)(length + alignment + (2L * Environment.SystemPageSize));
        nint held = MemoryCalls.Map(0, heldLength, MemoryCalls.ProtectNone, Unused, Descriptor.None, 0);
        if (held == MemoryCalls.Failed)
            throw Failure(length);
        long first = held + Environment.SystemPageSize;
        long address = (first + alignment - 1) / alignment * alignment;
        return new(held, heldLength, (nint)address, (nuint)length);
    }

    internal void Map(int protection, int flags, Descriptor file)
    {
        if (MemoryCalls.Map(Address, _length, protection, flags | MemoryCalls.MapFixed, file, 0) != MemoryCalls.Failed)
            return;
        _torn = true;
        throw Failure((long)_length);
    }

    /// <summary>Removes the mapping, its pages included, and keeps the place.</summary>
    internal void Unmap() => Map(MemoryCalls.ProtectNone, Unused, Descriptor.None);

    public void Dispose()
    {
        if (!_torn)
        {
            _ = MemoryCalls.Unmap(_held, _heldLength);
            return;
        }

        nint end = Address + (nint)_length;
        _ = MemoryCalls.Unmap(_held, (nuint)(Address - _held));
        _ = MemoryCalls.Unmap(end, (nuint)(_held + (nint)_heldLength - end));
    }

    private static SystemCallException Failure(long length) =>
        new("mmap", KernelResult.ErrnoOf(KernelResult.Of(-1)), HumanUnits.Size(length) + " of memory");
}
