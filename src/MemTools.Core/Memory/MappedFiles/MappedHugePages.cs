using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>Asks for huge pages and finds out whether the file system gives any.</summary>
internal static class MappedHugePages
{
    /// <exception cref="MemToolsException">There are none to be had; the message says where there are.</exception>
    internal static void Ask(MappedRegion region)
    {
        if (region.Target.IsHuge)
            return;
        long result = region.Pages.Advise(0, region.Pages.Length, MemoryCalls.AdviseHugePage);
        Errno errno = KernelResult.ErrnoOf(result);
        if (errno == Errno.EINVAL)
            throw Refused(region, "this kernel has no transparent huge pages");
        SystemCallException.Check(result, "madvise", region.Target.Path);
        if (!IsEligible(region.Pages.Address))
            throw Refused(region, "its file system, or the size of the part, does not allow them (THPeligible in /proc/self/smaps)");
    }

    private static MemToolsException Refused(MappedRegion region, string why) => new(
        ErrorKind.NotSupported,
        $"No huge pages for '{region.Target.Path}': {why}. They are to be had on tmpfs mounted with huge=advise or huge=always, and on hugetlbfs, for 2 MiB or more.");

    /// <summary>What the kernel itself says of the mapping that holds an address.</summary>
    private static bool IsEligible(nint address)
    {
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            if (TryRange(line, out ulong start, out ulong end))
                inside = (ulong)address >= start && (ulong)address < end;
            else if (inside && line.StartsWith("THPeligible:", StringComparison.Ordinal))
                return line.EndsWith('1');
        }

        return false;
    }

    /// <summary>The first line of each mapping begins with its addresses, such as 7f00-7f10.</summary>
    private static bool TryRange(string line, out ulong start, out ulong end)
    {
        start = end = 0;
        int dash = line.IndexOf('-', StringComparison.Ordinal);
        int space = line.IndexOf(' ', StringComparison.Ordinal);
        return dash > 0 && dash < space
            && ulong.TryParse(line.AsSpan(0, dash), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out start)
            && ulong.TryParse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out end);
    }
}
