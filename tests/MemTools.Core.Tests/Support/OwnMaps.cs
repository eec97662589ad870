using System.Globalization;
using MemTools.Native;

namespace MemTools.Tests.Support;

/// <summary>What /proc/self/maps says of an address; parallel tests map and unmap all the time, so nothing else is looked at.</summary>
internal static class OwnMaps
{
    /// <summary>MADV_DONTFORK: shows in /proc/self/smaps as "dc", and is used by nobody else here.</summary>
    private const int AdviseDontFork = 10;

    /// <summary>Marks whole pages so that they are known again: another mapping at the same place has no mark.</summary>
    internal static void Mark(ulong address, long length) =>
        Assert.Equal(0, MemoryCalls.Advise((nint)address, (nuint)length, AdviseDontFork));

    /// <summary>Those of the addresses at which a marked mapping lies now.</summary>
    internal static ulong[] Marked(ulong[] addresses)
    {
        List<(ulong Start, ulong End)> marked = [];
        (ulong Start, ulong End) last = default;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string first = line[..line.IndexOf(' ', StringComparison.Ordinal)];
            string[] ends = first.Split('-');
            if (ends.Length == 2)
                last = (ulong.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
            else if (first == "VmFlags:" && line.Split(' ').Contains("dc"))
                marked.Add(last);
        }

        return [.. addresses.Where(address => marked.Exists(one => address >= one.Start && address < one.End))];
    }

    /// <summary>The permissions of the mapping at an address; null where nothing is mapped.</summary>
    internal static string? PermissionsAt(ulong address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] ends = line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-');
            if (address >= ulong.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                && address < ulong.Parse(ends[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
                return line.Split(' ')[1];
        }

        return null;
    }
}
