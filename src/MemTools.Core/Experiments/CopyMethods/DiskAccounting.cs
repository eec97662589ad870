namespace MemTools.Experiments.CopyMethods;

/// <summary>Whether this kernel counts what threads read from disks (CONFIG_TASK_IO_ACCOUNTING): else it counts zero.</summary>
internal static class DiskAccounting
{
    internal static bool IsKept { get; } = File.Exists("/proc/self/io");
}
