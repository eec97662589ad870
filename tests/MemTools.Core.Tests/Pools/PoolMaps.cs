using System.Globalization;

namespace MemTools.Tests.Pools;

/// <summary>What /proc/self/maps says of an address; parallel tests map and unmap all the time, so nothing else is looked at.</summary>
internal static class PoolMaps
{
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
