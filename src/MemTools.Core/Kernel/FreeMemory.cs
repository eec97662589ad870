using System.Globalization;

namespace MemTools.Kernel;

/// <summary>
/// How much memory this process can take before the kernel kills something: what the system has to give, or what is
/// left of its control groups' limits (cgroup v2, memory.max).
/// </summary>
internal static class FreeMemory
{
    private const string GroupRoot = "/sys/fs/cgroup";

    /// <param name="bytes">What is needed.</param>
    /// <param name="what">Who needs it, as the beginning of a sentence.</param>
    /// <exception cref="MemToolsException">That much cannot be had; the message says how much can.</exception>
    internal static void Require(long bytes, string what)
    {
        long free = Bytes();
        if (bytes > free)
        {
            throw new MemToolsException(
                ErrorKind.OutOfMemory,
                $"{what} would take {HumanUnits.Size(bytes)} of memory, and {HumanUnits.Size(free)} are available "
                + "(MemAvailable, and the limits of the control group). A smaller size would work.");
        }
    }

    internal static long Bytes() =>
        Groups().Select(LeftOf).Append(MemoryInfo.Bytes("MemAvailable") ?? long.MaxValue).Min();

    /// <summary>The process's own group and those above it, each of which may have a limit.</summary>
    private static IEnumerable<string> Groups()
    {
        const string unified = "0::/";
        string? own = File.Exists("/proc/self/cgroup")
            ? File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith(unified, StringComparison.Ordinal))
            : null;
        for (string group = own?[unified.Length..] ?? string.Empty; ; group = Path.GetDirectoryName(group)!)
        {
            yield return Path.Combine(GroupRoot, group);
            if (group.Length == 0)
                yield break;
        }
    }

    private static long LeftOf(string group)
    {
        try
        {
            string limit = File.ReadAllText(Path.Combine(group, "memory.max")).Trim();
            if (limit == "max")
                return long.MaxValue;
            string used = File.ReadAllText(Path.Combine(group, "memory.current")).Trim();
            return long.Parse(limit, CultureInfo.InvariantCulture) - long.Parse(used, CultureInfo.InvariantCulture) + CacheOf(group);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The root has no limit, and a group of another namespace cannot be seen.
            return long.MaxValue;
        }
    }

    /// <summary>Pages of files are charged to the group too, and given up before the group is out of memory.</summary>
    private static long CacheOf(string group) => File.ReadLines(Path.Combine(group, "memory.stat"))
        .Select(line => line.Split(' '))
        .Where(words => words[0] is "active_file" or "inactive_file")
        .Sum(words => long.Parse(words[1], CultureInfo.InvariantCulture));
}
