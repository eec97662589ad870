using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Tests.Support;

/// <summary>What this machine lets a test do; skips with the reason where it does not.</summary>
internal static class Machine
{
    internal static void NeedRoot() =>
        Skip.IfNot(ProcessCalls.EffectiveUser() == 0, "not root, who alone may change owners and mount");

    internal static void NeedFreeMemoryDisk(long bytes)
    {
        long free = new DriveInfo(TempDirectory.RootOf(Place.Memory)).AvailableFreeSpace;
        Skip.If(free < bytes, $"/dev/shm has {HumanUnits.Size(free)} free, and the test needs {HumanUnits.Size(bytes)}");
    }

    /// <summary>Mounts something for one test; skips where this machine does not allow it.</summary>
    internal static IDisposable Mount(string target, params string[] arguments)
    {
        NeedRoot();
        string mount = Tool.Need("mount", "mount");
        (int exitCode, string output) = Tool.Run(mount, [.. arguments, target]);
        Skip.If(exitCode != 0, $"mounting is not possible here: {output.Trim()}");
        return new Mounted(target);
    }

    internal static void MakeFifo(string path) => Tool.RunChecked(Tool.Need("mkfifo", "coreutils"), path);

    private sealed class Mounted(string target) : IDisposable
    {
        public void Dispose() => Tool.RunChecked("umount", target);
    }
}
