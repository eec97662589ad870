using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Tests.Support;

/// <summary>What the kernel says of a file, links not followed.</summary>
internal static class FileFacts
{
    private const long Ext = 0xEF53;
    private const long Tmpfs = 0x01021994;

    internal static Statx Of(string path)
    {
        NativePath native = NativePath.From(path);
        SystemCallException.Check(
            FileMetadata.Status(Descriptor.WorkingDirectory, native, MetadataCalls.AtNoFollow, out Statx status), "statx", native);
        return status;
    }

    internal static uint ModeOf(string path) => Of(path).Mode & 0xFFFu;

    internal static void SetMode(string path, uint mode)
    {
        using Descriptor file = Open(path, OpenFlags.ReadOnly);
        Assert.Equal(0, FileMetadata.SetMode(file, mode));
    }

    internal static Descriptor Open(string path, int flags) =>
        FileIO.Open(Descriptor.WorkingDirectory, NativePath.From(path), flags);

    internal static Descriptor Create(string path, int flags = OpenFlags.ReadWrite)
    {
        NativePath native = NativePath.From(path);
        SystemCallException.Check(
            FileIO.TryOpen(Descriptor.WorkingDirectory, native, flags | OpenFlags.Create, 0x1B4, out Descriptor? file),
            "openat",
            native);
        return file!;
    }

    internal static bool IsExt4(string path) => TypeOf(path) == Ext;

    internal static bool IsTmpfs(string path) => TypeOf(path) == Tmpfs;

    private static long TypeOf(string path)
    {
        using Descriptor file = Open(path, OpenFlags.PathOnly);
        Assert.Equal(0, FileMetadata.FileSystem(file, out StatFs system));
        return system.Type;
    }
}
