namespace MemTools.Memory;

/// <summary>
/// A region, and what of it is in memory (/proc/PID/smaps, proc_pid_smaps(5)). Lengths are bytes; null is what this
/// kernel does not tell.
/// </summary>
public sealed class MemoryRegionDetail : MemoryRegion
{
    private readonly RegionUsage _usage;

    internal MemoryRegionDetail(int process, in RegionHeader header, RegionUsage usage, string? flags)
        : base(process, header)
    {
        _usage = usage;
        VmFlags = flags;
    }

    /// <summary>Rss: bytes that are in memory, whoever else has them too.</summary>
    public long? ResidentBytes => _usage[UsageField.Rss];

    /// <summary>Pss: the same, each page divided by the number of processes that map it.</summary>
    public long? ProportionalBytes => _usage[UsageField.Pss];

    /// <summary>Resident bytes of pages that no other process maps.</summary>
    public long? PrivateBytes => _usage.Sum(UsageField.Private_Clean, UsageField.Private_Dirty);

    /// <summary>Resident bytes of pages that other processes map too.</summary>
    public long? SharedBytes => _usage.Sum(UsageField.Shared_Clean, UsageField.Shared_Dirty);

    /// <summary>Resident bytes that differ from what the disk has.</summary>
    public long? DirtyBytes => _usage.Sum(UsageField.Private_Dirty, UsageField.Shared_Dirty);

    /// <summary>Of the private bytes, those as on the disk.</summary>
    public long? PrivateCleanBytes => _usage[UsageField.Private_Clean];

    /// <summary>Of the private bytes, those that were written.</summary>
    public long? PrivateDirtyBytes => _usage[UsageField.Private_Dirty];

    /// <summary>Of the shared bytes, those as on the disk.</summary>
    public long? SharedCleanBytes => _usage[UsageField.Shared_Clean];

    /// <summary>Of the shared bytes, those that were written.</summary>
    public long? SharedDirtyBytes => _usage[UsageField.Shared_Dirty];

    /// <summary>Resident bytes that were touched since the kernel last looked.</summary>
    public long? ReferencedBytes => _usage[UsageField.Referenced];

    /// <summary>Resident bytes without a file, copies made on writing to private file pages among them.</summary>
    public long? AnonymousBytes => _usage[UsageField.Anonymous];

    /// <summary>Bytes of pages that the kernel has merged with equal ones (KSM).</summary>
    public long? MergedBytes => _usage[UsageField.KSM];

    /// <summary>Bytes given up by madvise(MADV_FREE) and still there.</summary>
    public long? LazyFreeBytes => _usage[UsageField.LazyFree];

    /// <summary>Bytes in the swap area.</summary>
    public long? SwapBytes => _usage[UsageField.Swap];

    /// <summary>The same, each page divided by the number of its users.</summary>
    public long? SwapProportionalBytes => _usage[UsageField.SwapPss];

    /// <summary>Bytes locked into memory (mlock(2)), by their proportional share.</summary>
    public long? LockedBytes => _usage[UsageField.Locked];

    /// <summary>Bytes in huge pages of any sort: transparent (anonymous, shared memory, file) and of hugetlbfs.</summary>
    public long? HugeBytes => _usage.Sum(
        UsageField.AnonHugePages, UsageField.ShmemPmdMapped, UsageField.FilePmdMapped, UsageField.Shared_Hugetlb, UsageField.Private_Hugetlb);

    /// <summary>Bytes in transparent huge pages of anonymous memory.</summary>
    public long? AnonymousHugeBytes => _usage[UsageField.AnonHugePages];

    /// <summary>Bytes in pages of hugetlbfs, which the kernel does not count as resident.</summary>
    public long? HugetlbBytes => _usage.Sum(UsageField.Shared_Hugetlb, UsageField.Private_Hugetlb);

    /// <summary>Whether the region could get transparent huge pages.</summary>
    public bool? IsHugePageEligible => _usage[UsageField.THPeligible] is { } value ? value != 0 : null;

    /// <summary>Bytes of a page of this region.</summary>
    public long? PageSize => _usage[UsageField.KernelPageSize];

    /// <summary>The memory protection key, where the processor has such (pkeys(7)).</summary>
    public long? ProtectionKey => _usage[UsageField.ProtectionKey];

    /// <summary>The kernel's flags, two letters each: <c>rd wr mr mw me ac</c>.</summary>
    public string? VmFlags { get; }

    internal RegionUsage Usage => _usage;
}
