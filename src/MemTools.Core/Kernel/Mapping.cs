using System.Runtime.InteropServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>A mapping that unmaps itself: memory of one's own, or a window on a file.</summary>
internal sealed class Mapping : SafeHandle
{
    private readonly nuint _length;

    private Mapping(nint address, nuint length)
        : base(MemoryCalls.Failed, ownsHandle: true)
    {
        SetHandle(address);
        _length = length;
    }

    public override bool IsInvalid => handle == MemoryCalls.Failed;

    internal nint Address => handle;

    /// <summary>Page-aligned private memory, zero-filled, outside the garbage collector's heap.</summary>
    /// <exception cref="SystemCallException">mmap failed, as with ENOMEM past RLIMIT_AS.</exception>
    internal static Mapping Memory(int length)
    {
        const int flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous;
        const int protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
        long result = TryMap((nuint)length, protection, flags, Descriptor.None, 0, out Mapping? mapping);
        return mapping ?? throw new SystemCallException("mmap", KernelResult.ErrnoOf(result), $"{length} bytes of memory");
    }

    /// <summary>
    /// A read-only window on a file. It is for system calls alone: a page of a file that was truncated meanwhile
    /// makes a call fail with EFAULT, but raises SIGBUS when the process touches it itself.
    /// </summary>
    internal static long TryMapFile(Descriptor file, long offset, long length, out Mapping? mapping) =>
        TryMap((nuint)length, MemoryCalls.ProtectRead, MemoryCalls.MapShared, file, offset, out mapping);

    /// <summary>
    /// Maps the pages in at once, as far as they can be had: one call instead of a fault for every few pages. Advice,
    /// so without a result. MAP_POPULATE would spare the call, but where the disk fails it tries again for ever.
    /// </summary>
    internal void Populate() => _ = MemoryCalls.Advise(handle, _length, MemoryCalls.AdvisePopulateRead);

    protected override bool ReleaseHandle() => MemoryCalls.Unmap(handle, _length) == 0;

    private static long TryMap(
        nuint length, int protection, int flags, Descriptor file, long offset, out Mapping? mapping)
    {
        nint address = MemoryCalls.Map(0, length, protection, flags, file, offset);
        if (address == MemoryCalls.Failed)
        {
            mapping = null;
            return KernelResult.Of(-1);
        }

        mapping = new(address, length);
        return 0;
    }
}
