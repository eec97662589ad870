using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>The huge pages that the administrator has set aside (hugetlbfs), of the default size.</summary>
internal static class HugePageReserve
{
    /// <summary>Bytes of one.</summary>
    /// <exception cref="MemToolsException">This kernel has none.</exception>
    internal static long PageSize() => HugePages.ReservedSize()
        ?? throw new MemToolsException(ErrorKind.NotSupported, "This kernel has no huge pages to reserve (no Hugepagesize in /proc/meminfo).");

    /// <summary>
    /// Takes the pages of a mapping now: a control group (hugetlb.*.max) or a NUMA policy may deny what mmap(2) promised,
    /// and says so by SIGBUS when they are touched, but by an errno here.
    /// </summary>
    internal static void Take(Mapping mapping)
    {
        long result = mapping.Advise(0, mapping.Length, MemoryCalls.AdvisePopulateWrite);
        // EINVAL: before Linux 5.14 there is no way to ask.
        if (result >= 0 || KernelResult.ErrnoOf(result) == Errno.EINVAL)
            return;
        SystemCallException failure = new("madvise", KernelResult.ErrnoOf(result), HumanUnits.Size(mapping.Length) + " of huge pages");
        throw new MemToolsException(ErrorKind.OutOfMemory, $"{failure.Message}: a control group (hugetlb.*.max) or a NUMA policy denies them.", failure);
    }

    internal static MemToolsException Exhausted(long length, SystemCallException failure)
    {
        long size = PageSize();
        long wanted = length / size;
        long missing = wanted - HugePages.Free();
        long reserve = (MemoryInfo.Number("HugePages_Total") ?? 0) + Math.Max(missing, 1);
        return new(
            ErrorKind.OutOfMemory,
            $"{wanted} huge pages of {HumanUnits.Size(size)} are wanted, and {HugePages.Free()} of those that are reserved are free. "
            + $"As root, `sysctl vm.nr_hugepages={reserve}` reserves enough.",
            failure);
    }
}
