using System.Globalization;

namespace MemTools.Kernel;

/// <summary>What the system says about huge pages.</summary>
internal static class HugePages
{
    private const string Folder = "/sys/kernel/mm/transparent_hugepage";

    /// <summary>The policy for transparent huge pages: always, madvise or never; null where the kernel has none.</summary>
    internal static string? Policy()
    {
        string? text = Read(Path.Combine(Folder, "enabled"));
        int open = text?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        int close = text?.IndexOf(']', StringComparison.Ordinal) ?? -1;
        return close > open ? text![(open + 1)..close] : null;
    }

    /// <summary>Bytes of a transparent huge page; a page where the kernel has none.</summary>
    internal static long TransparentSize() => Number(Read(Path.Combine(Folder, "hpage_pmd_size"))) ?? Environment.SystemPageSize;

    /// <summary>Bytes of a reserved huge page of the default size; null where the kernel has none.</summary>
    internal static long? ReservedSize() => MemoryInfo.Bytes("Hugepagesize");

    /// <summary>Reserved huge pages that nobody uses.</summary>
    internal static long Free() => (MemoryInfo.Number("HugePages_Free") ?? 0) - (MemoryInfo.Number("HugePages_Rsvd") ?? 0);

    /// <summary>How much of a file one fault maps; null where debugfs is not mounted or not readable.</summary>
    internal static long? FaultAroundBytes() => Number(Read("/sys/kernel/debug/fault_around_bytes"));

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
