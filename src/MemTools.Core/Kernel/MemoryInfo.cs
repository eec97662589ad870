using System.Globalization;

namespace MemTools.Kernel;

/// <summary>/proc/meminfo (proc_meminfo(5)).</summary>
internal static class MemoryInfo
{
    private const long KiB = 1024;

    /// <summary>A figure that is given in kB, in bytes; null where this kernel does not have it.</summary>
    internal static long? Bytes(string name) => Number(name) * KiB;

    /// <summary>A figure as it stands.</summary>
    internal static long? Number(string name)
    {
        foreach (string line in File.ReadLines("/proc/meminfo"))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] == ':')
                return long.Parse(line.AsSpan(name.Length + 1).Trim().TrimEnd(" kB"), CultureInfo.InvariantCulture);
        }

        return null;
    }
}
