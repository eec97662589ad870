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

    /// <summary>
    /// A program that another test starts has copies of this process's descriptors until it is executed, so that what was
    /// closed a moment ago may still keep a file system busy.
    /// </summary>
    internal static void Unmount(string target)
    {
        const int failed = 32;
        Waited.For(() =>
        {
            (int exitCode, string output) = Tool.Run("umount", target);
            bool busy = exitCode == failed && output.Contains("busy", StringComparison.Ordinal);
            Assert.True(exitCode == 0 || busy, output);
            return exitCode == 0;
        });
    }

    private sealed class Mounted(string target) : IDisposable
    {
        public void Dispose() => Unmount(target);
    }
}
