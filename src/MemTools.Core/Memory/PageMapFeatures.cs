using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Which bits of pagemap this kernel keeps: one that it does not keep is always zero, and that is no "no".</summary>
internal static class PageMapFeatures
{
    /// <summary>The first kernel that shows pages that userfaultfd protects.</summary>
    private static readonly Version WriteProtectedSince = new(5, 13);

    private static readonly Lazy<bool> SoftDirty = new(ProbeSoftDirty);

    /// <summary>CONFIG_MEM_SOFT_DIRTY, which not every kernel is built with.</summary>
    internal static bool HasSoftDirty => SoftDirty.Value;

    internal static bool HasWriteProtected { get; } = Environment.OSVersion.Version >= WriteProtectedSince;

    /// <summary>A page just written is soft-dirty wherever the kernel keeps that bit.</summary>
    private static bool ProbeSoftDirty()
    {
        using Mapping memory = Mapping.Memory(Environment.SystemPageSize);
        Marshal.WriteByte(memory.Address, 1);
        using PageMap pages = PageMap.Open(Environment.ProcessId);
        PageMapEntry[] entry = new PageMapEntry[1];
        return pages.Read((ulong)memory.Address, entry) == 1 && entry[0].IsSoftDirty;
    }
}
