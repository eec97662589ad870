using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// Zero-filled private memory from mmap(2): aligned, kept out of swap, or made of huge pages, as asked. What cannot be
/// had is an error that says what would have to be changed; the process is never killed for want of memory.
/// </summary>
internal static class AnonymousMapping
{
    private const int Protection = MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite;
    private const int Flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous;

    /// <summary>Maps memory.</summary>
    /// <param name="length">In bytes, more than 0. The mapping has whole pages, of the size that was asked for.</param>
    /// <param name="locked">Whether all of it is brought in now and never swapped (mlock(2)).</param>
    /// <param name="hugePage">Whether it is made of huge pages from the system's reserve (MAP_HUGETLB), all taken now.</param>
    /// <param name="alignment">Of its first byte: a power of two. A page or less costs nothing.</param>
    /// <exception cref="MemToolsException">
    /// OutOfMemory, TooManyMappings; LockLimit past RLIMIT_MEMLOCK; NotSupported for huge pages that the kernel lacks.
    /// </exception>
    /// <exception cref="SystemCallException">The kernel refused for another reason.</exception>
    internal static Mapping Map(long length, bool locked = false, bool hugePage = false, long alignment = 1)
    {
        long pageSize = hugePage ? HugePageReserve.PageSize() : Environment.SystemPageSize;
        long whole = Whole(length, pageSize);
        if (locked)
            FreeMemory.Require(whole, "Memory that is locked is taken at once. It");
        Mapping mapping = MapPages(whole, pageSize, hugePage, alignment);
        try
        {
            if (hugePage)
                HugePageReserve.Take(mapping);
            if (locked)
                MemoryLock.Lock(mapping);
            return mapping;
        }
        catch
        {
            mapping.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Gives the pages back, locked and huge ones too, and keeps the addresses: they read as zero from now on, and nothing
    /// else is mapped there until the mapping is disposed.
    /// </summary>
    /// <exception cref="ObjectDisposedException">It is unmapped already.</exception>
    internal static void Discard(Mapping mapping)
    {
        using Mapping.Use use = mapping.BeginUse();
        // A failure (too many mappings) leaves the pages until then, which harms nobody.
        _ = MemoryCalls.Map(
            mapping.Address, (nuint)mapping.Length, Protection, Flags | MemoryCalls.MapFixed | MemoryCalls.MapNoReserve, Descriptor.None, 0);
    }

    private static long Whole(long length, long pageSize) => length <= long.MaxValue - pageSize
        ? (length + pageSize - 1) / pageSize * pageSize
        : throw new MemToolsException(ErrorKind.OutOfMemory, $"{length} bytes are more than there are addresses.");

    private static Mapping MapPages(long whole, long pageSize, bool hugePage, long alignment)
    {
        int flags = hugePage ? Flags | MemoryCalls.MapHuge : Flags;
        long spare = alignment > pageSize ? alignment - pageSize : 0;
        (nint address, Errno errno) = TryMap(whole + spare, flags);
        if (errno == Errno.ENOMEM)
        {
            AddressSpace.CollectAbandoned();
            (address, errno) = TryMap(whole + spare, flags);
        }

        if (address == MemoryCalls.Failed)
            throw Failure(whole, hugePage, errno);
        return Mapping.Adopt(spare == 0 ? address : Trim(address, whole, spare, alignment), whole);
    }

    /// <summary>The last mappings that vm.max_map_count allows are left to .NET, which ends the process where it has none.</summary>
    private static (nint Address, Errno Errno) TryMap(long length, int flags)
    {
        if (AddressSpace.IsNearlyFull())
            return (MemoryCalls.Failed, Errno.ENOMEM);
        nint address = MemoryCalls.Map(0, (nuint)length, Protection, flags, Descriptor.None, 0);
        return (address, address == MemoryCalls.Failed ? KernelResult.ErrnoOf(KernelResult.Of(-1)) : default);
    }

    /// <summary>Unmaps what is before and behind the aligned part.</summary>
    private static nint Trim(nint mapped, long whole, long spare, long alignment)
    {
        nint address = (nint)(((ulong)mapped + (ulong)alignment - 1) & ~((ulong)alignment - 1));
        long before = address - mapped;
        if (before > 0)
            _ = MemoryCalls.Unmap(mapped, (nuint)before);
        if (before < spare)
            _ = MemoryCalls.Unmap(address + (nint)whole, (nuint)(spare - before));
        return address;
    }

    private static Exception Failure(long length, bool hugePage, Errno errno)
    {
        SystemCallException failure = new("mmap", errno, HumanUnits.Size(length) + " of memory");
        if (errno != Errno.ENOMEM)
            return failure;
        return hugePage ? HugePageReserve.Exhausted(length, failure) : AddressSpace.Exhausted(failure, length);
    }
}
