using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Pools;

/// <summary>The mappings that pools are made of.</summary>
internal static class PoolMemory
{
    /// <summary>User space of a process on x64 and arm64 has 2^47 bytes or more; half of it is more than any pool can have.</summary>
    internal const long Largest = 1L << 46;

    /// <summary>Bytes in whole pages of the system's size.</summary>
    internal static long WholePages(long bytes) => RoundUp(bytes, Environment.SystemPageSize);

    /// <param name="bytes">A length or address.</param>
    /// <param name="unit">A power of two.</param>
    internal static long RoundUp(long bytes, long unit) => (bytes + unit - 1) & ~(unit - 1);

    /// <summary>The largest power of two that a stride is a multiple of, but at most a page: what blocks are aligned to.</summary>
    internal static long AlignmentOf(long stride) => Math.Min(stride & -stride, Environment.SystemPageSize);

    /// <summary>Makes the last page of a mapping inaccessible.</summary>
    internal static void ForbidLastPage(Mapping mapping)
    {
        int page = Environment.SystemPageSize;
        nint last = mapping.Address + (nint)(mapping.Length - page);
        if (MemoryCalls.Protect(last, (nuint)page, MemoryCalls.ProtectNone) != 0)
            throw new SystemCallException("mprotect", KernelResult.ErrnoOf(KernelResult.Of(-1)), "the page behind a pool's mapping");
    }

    /// <summary>Bytes in memory now, or null where the kernel does not tell, or some mapping has just gone.</summary>
    internal static long? Resident(IEnumerable<Mapping> mappings)
    {
        try
        {
            long all = 0;
            foreach (Mapping mapping in mappings)
            {
                using Mapping.Use use = mapping.BeginUse();
                if (OwnResidence.Bytes(mapping.Address, mapping.Length) is not { } resident)
                    return null;
                all += resident;
            }

            return all;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }
}
