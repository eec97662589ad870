using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// How many threads copy a tree where nobody says: one a core, but a single one where a disk has to move its head.
/// What it gains by order it would lose by every further thread.
/// </summary>
internal static class WorkerCount
{
    /// <summary>Beyond these, more threads wait for the same directories and the same disk.</summary>
    private const int Most = 16;

    /// <summary>By the processors, and by the devices of the file systems that are copied from and to.</summary>
    internal static int For(params ReadOnlySpan<Statx> directories)
    {
        foreach (Statx directory in directories)
        {
            if (IsRotating($"/sys/dev/block/{directory.DeviceMajor}:{directory.DeviceMinor}"))
                return 1;
        }

        return Math.Clamp(Environment.ProcessorCount, 2, Most);
    }

    /// <summary>
    /// Whether a block device is a disk that turns (queue/rotational, Documentation/ABI/stable/sysfs-block). False
    /// where it cannot be known: file systems without a device of their own (tmpfs, NFS, btrfs, overlay), and
    /// paravirtual disks, of which the kernel says that they turn whatever they are.
    /// </summary>
    internal static bool IsRotating(string device)
    {
        try
        {
            // Asked first, for an exception costs more than copying a hundred files.
            if (!Directory.Exists(device))
                return false;
            if (new FileInfo(device).ResolveLinkTarget(returnFinalTarget: true)?.FullName is not { } disk)
                return false;
            bool isParavirtual = disk.Contains("/virtio", StringComparison.Ordinal) || disk.Contains("/vbd-", StringComparison.Ordinal);
            string answer = Path.Combine(disk, "queue", "rotational");
            // A partition's queue is its disk's.
            if (!File.Exists(answer))
                answer = Path.Combine(Path.GetDirectoryName(disk)!, "queue", "rotational");
            return !isParavirtual && File.Exists(answer) && File.ReadAllText(answer).StartsWith('1');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
