namespace MemTools.Memory;

/// <summary>The lines of a region in /proc/PID/smaps that hold a number, in the kernel's order.</summary>
internal enum UsageField
{
    Size,
    KernelPageSize,
    MMUPageSize,
    Rss,
    Pss,
    Pss_Dirty,
    Pss_Anon,
    Pss_File,
    Pss_Shmem,
    Shared_Clean,
    Shared_Dirty,
    Private_Clean,
    Private_Dirty,
    Referenced,
    Anonymous,
    KSM,
    LazyFree,
    AnonHugePages,
    ShmemPmdMapped,
    FilePmdMapped,
    Shared_Hugetlb,
    Private_Hugetlb,
    Swap,
    SwapPss,
    Locked,
    THPeligible,
    ProtectionKey,
}
