namespace MemTools.Memory;

/// <summary>The bits of /proc/kpageflags by their names (linux/kernel-page-flags.h, without KPF_).</summary>
internal static class PageFlags
{
    internal const int Huge = 17;
    internal const int TransparentHuge = 22;

    private const int FirstInternal = 32;

    private static readonly string[] Names =
    [
        "Locked", "Error", "Referenced", "Uptodate", "Dirty", "Lru", "Active", "Slab", "Writeback", "Reclaim", "Buddy", "Mmap",
        "Anon", "SwapCache", "SwapBacked", "CompoundHead", "CompoundTail", "Huge", "Unevictable", "HwPoison", "NoPage", "Ksm",
        "Thp", "Offline", "ZeroPage", "Idle", "PageTable",
    ];

    /// <summary>Those that the kernel shows to its own developers.</summary>
    private static readonly string[] InternalNames =
        ["Reserved", "Mlocked", "Owner2", "Private", "Private2", "OwnerPrivate", "Arch", "Uncached", "SoftDirty", "Arch2", "Arch3"];

    /// <summary>The names of the bits that are set, separated by commas.</summary>
    internal static string Text(ulong bits) =>
        string.Join(", ", Enumerable.Range(0, 64).Where(bit => IsSet(bits, bit)).Select(NameOf));

    internal static bool IsSet(ulong bits, int bit) => (bits >> bit & 1) != 0;

    private static string NameOf(int bit) => bit switch
    {
        _ when bit < Names.Length => Names[bit],
        >= FirstInternal when bit - FirstInternal < InternalNames.Length => InternalNames[bit - FirstInternal],
        _ => $"Bit{bit}",
    };
}
