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

    /// <summary>In bytes, whole pages where the mapping is of a file.</summary>
    internal long Length => (long)_length;

    /// <summary>Page-aligned private memory, zero-filled, outside the garbage collector's heap.</summary>
    /// <exception cref="SystemCallException">mmap failed, as with ENOMEM past RLIMIT_AS.</exception>
    internal static Mapping Memory(int length)
    {
        const int flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous;
        const int protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
        long result = TryMap((nuint)length, protection, flags, Descriptor.None, 0, out Mapping? mapping);
        return mapping ?? throw new SystemCallException("mmap", KernelResult.ErrnoOf(result), $"{length} bytes of memory");
    }

    /// <summary>Takes over a mapping that was made elsewhere, whole pages of it.</summary>
    internal static Mapping Adopt(nint address, long length) => new(address, (nuint)length);

    /// <summary>
    /// A read-only window on a file. It is for system calls alone: a page of a file that was truncated meanwhile
    /// makes a call fail with EFAULT, but raises SIGBUS when the process touches it itself.
    /// </summary>
    internal static long TryMapFile(Descriptor file, long offset, long length, out Mapping? mapping) =>
        TryMap((nuint)length, MemoryCalls.ProtectRead, MemoryCalls.MapShared, file, offset, out mapping);

    /// <summary>
    /// A window on a file with any protection, for system calls alone (see <see cref="TryMapFile(Descriptor, long, long, out Mapping?)"/>).
    /// </summary>
    internal static long TryMapFile(
        Descriptor file, long offset, long length, int protection, int flags, out Mapping? mapping) =>
        TryMap((nuint)length, protection, flags, file, offset, out mapping);

    /// <summary>Keeps the mapping in place while calls are made on its pages, whoever disposes it meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">It is unmapped already.</exception>
    internal Use BeginUse() => new(this);

    /// <summary>madvise(2) on a part that begins at a page; result as in <see cref="KernelResult"/>.</summary>
    internal long Advise(long start, long length, int advice)
    {
        using Use use = BeginUse();
        long returned;
        do returned = MemoryCalls.Advise(handle + (nint)start, (nuint)length, advice);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>msync(2) on a part that begins at a page.</summary>
    internal long Synchronize(long start, long length, int flags)
    {
        using Use use = BeginUse();
        long returned;
        do returned = MemoryCalls.Synchronize(handle + (nint)start, (nuint)length, flags);
        while (KernelResult.Interrupted(returned));
        return KernelResult.Of(returned);
    }

    /// <summary>mincore(2) on a part that begins at a page: one byte a page, of which bit 0 counts.</summary>
    internal unsafe long Resident(long start, long length, Span<byte> answer)
    {
        using Use use = BeginUse();
        long returned;
        fixed (byte* pages = answer)
        {
            // EAGAIN: the kernel is short of memory for a moment (mincore(2)).
            do returned = PageCacheCalls.Resident(handle + (nint)start, (nuint)length, pages);
            while (returned < 0 && KernelResult.ErrnoOf(KernelResult.Of(returned)) is Errno.EAGAIN or Errno.EINTR);
        }

        return KernelResult.Of(returned);
    }

    /// <summary>
    /// Maps the pages in at once, as far as they can be had: one call instead of a fault for every few pages. Advice,
    /// so without a result. MAP_POPULATE would spare the call, but where the disk fails it tries again for ever.
    /// </summary>
    internal void Populate() => _ = MemoryCalls.Advise(handle, _length, MemoryCalls.AdvisePopulateRead);

    protected override bool ReleaseHandle() => MemoryCalls.Unmap(handle, _length) == 0;

    /// <summary>A time in which the mapping cannot go away.</summary>
    internal readonly ref struct Use
    {
        private readonly Mapping _mapping;

        internal Use(Mapping mapping)
        {
            bool counted = false;
            mapping.DangerousAddRef(ref counted);
            _mapping = mapping;
        }

        public void Dispose() => _mapping.DangerousRelease();
    }

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
