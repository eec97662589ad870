using System.Globalization;

namespace MemTools.Bench.Running;

/// <summary>How much memory a process has, and how much it had at most since the last reset (proc(5)).</summary>
internal static class ResidentMemory
{
    internal static long Now(int process) => Field(process, "VmRSS:");

    internal static long Peak(int process) => Field(process, "VmHWM:");

    /// <summary>Forgets the peak.</summary>
    internal static void Reset(int process) =>
        File.WriteAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/clear_refs"), "5");

    private static long Field(int process, string name)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/status");
        string line = File.ReadLines(path).First(line => line.StartsWith(name, StringComparison.Ordinal));
        return 1024 * long.Parse(line[name.Length..].Replace("kB", string.Empty, StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }
}
