using System.Globalization;
using System.Text.RegularExpressions;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>The resident memory of this process.</summary>
internal static partial class ResidentMemory
{
    /// <summary>In bytes, counted page by page: the counters in statm and status lag behind on newer kernels.</summary>
    internal static long Now()
    {
        Match match = Resident().Match(File.ReadAllText("/proc/self/smaps_rollup"));
        return match.Success
            ? long.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 1024
            : throw new MemToolsException(ErrorKind.NotSupported, "/proc/self/smaps_rollup has no line Rss.");
    }

    [GeneratedRegex(@"^Rss:\s+(\d+) kB", RegexOptions.Multiline)]
    private static partial Regex Resident();
}
