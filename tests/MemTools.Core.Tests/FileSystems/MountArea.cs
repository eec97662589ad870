using MemTools.Tests.Support;

namespace MemTools.Tests.FileSystems;

/// <summary>
/// A folder for images and mount points, locked for as long as its process lives. Making one removes, with all that
/// is mounted in them, the areas of processes that died.
/// </summary>
internal sealed class MountArea : IDisposable
{
    private const string Prefix = "memtools-mounts-";
    private const string LockName = "lock";
    private const long RoomWanted = 2L << 30;

    private readonly FileStream _lock;

    internal MountArea()
        : this(Parent())
    {
    }

    internal MountArea(string parent)
    {
        foreach (string area in Directory.GetDirectories(parent, Prefix + "*"))
            RemoveIfDead(area);
        Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, Prefix + Guid.NewGuid().ToString("N")[..8])).FullName;
        _lock = OpenLock(Path);
    }

    internal string Path { get; }

    public void Dispose()
    {
        Remove(Path);
        _lock.Dispose();
    }

    /// <summary>In memory where there is room, for the sake of speed.</summary>
    private static string Parent()
    {
        const string memory = "/dev/shm";
        bool roomy = Directory.Exists(memory) && new DriveInfo(memory).AvailableFreeSpace >= RoomWanted;
        return roomy ? memory : System.IO.Path.GetTempPath().TrimEnd('/');
    }

    /// <summary>.NET keeps others out by flock(2), which the kernel gives back when the process dies.</summary>
    private static FileStream OpenLock(string area) =>
        new(System.IO.Path.Combine(area, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private static void RemoveIfDead(string area)
    {
        try
        {
            using (OpenLock(area))
                Remove(area);
        }
        catch (IOException)
        {
            // Its owner lives, or another run removes it at this moment.
        }
    }

    private static void Remove(string area)
    {
        // The last mount first: what lies on top of or inside another.
        foreach (string mountPoint in MountPointsIn(area).Reverse())
            Unmount(mountPoint);
        Tool.RunChecked("rm", "-rf", "--one-file-system", area);
    }

    private static void Unmount(string mountPoint)
    {
        (int exitCode, _) = Tool.Run("umount", mountPoint);
        // Whatever a failed test still holds open is let go of when that is closed.
        if (exitCode != 0)
            Tool.RunChecked("umount", "--lazy", mountPoint);
    }

    private static IEnumerable<string> MountPointsIn(string area)
    {
        const int mountPointField = 4;
        return [.. File.ReadLines("/proc/self/mountinfo")
            .Select(line => line.Split(' ')[mountPointField])
            .Where(path => path.StartsWith(area + "/", StringComparison.Ordinal))];
    }
}
