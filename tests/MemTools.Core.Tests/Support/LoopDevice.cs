using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Tests.Support;

/// <summary>A block device whose blocks are a file's (loop(4)).</summary>
internal sealed class LoopDevice : IDisposable
{
    private readonly string _losetup;

    internal LoopDevice(string file)
    {
        Machine.NeedRoot();
        _losetup = Tool.Need("losetup", "mount");
        (int exitCode, string output) = Tool.Run(_losetup, "--find", "--show", file);
        Skip.If(exitCode != 0, $"loop devices are not possible here: {output.Trim()}");
        Path = output.Trim();
    }

    internal string Path { get; }

    /// <summary>All of it, as it is now.</summary>
    internal byte[] Read()
    {
        using Descriptor device = FileFacts.Open(Path, OpenFlags.ReadOnly);
        Assert.Equal(0, FileIO.Sync(device));
        return Content.ReadToEnd(Path);
    }

    public void Dispose() => Tool.RunChecked(_losetup, "--detach", Path);
}
