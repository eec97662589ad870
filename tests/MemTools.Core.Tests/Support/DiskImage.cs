namespace MemTools.Tests.Support;

/// <summary>A file system in an image file, mounted for one test.</summary>
internal sealed class DiskImage : IDisposable
{
    private readonly TempDirectory _folder = new(Place.Memory);
    private readonly IDisposable _mounted;

    private DiskImage(long size, string package, string program, string[] arguments)
    {
        try
        {
            Machine.NeedRoot();
            string image = SparseFile.Make(_folder["image"], size);
            Tool.RunChecked(Tool.Need(program, package), [.. arguments, image]);
            Path = _folder.MakeDirectory("mounted");
            _mounted = Machine.Mount(Path, "-o", "loop", image);
        }
        catch
        {
            _folder.Dispose();
            throw;
        }
    }

    /// <summary>Where it is mounted.</summary>
    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    internal static DiskImage Ext4(int blockSize) =>
        new(128L << 20, "e2fsprogs", "mkfs.ext4", ["-q", "-F", "-b", $"{blockSize}"]);

    internal static DiskImage Xfs() => new(400L << 20, "xfsprogs", "mkfs.xfs", ["-q", "-f", "-m", "reflink=1"]);

    internal static DiskImage Btrfs() => new(256L << 20, "btrfs-progs", "mkfs.btrfs", ["-q", "-f"]);

    internal string Write(string name, ReadOnlySpan<byte> content)
    {
        File.WriteAllBytes(this[name], content);
        return this[name];
    }

    public void Dispose()
    {
        _mounted.Dispose();
        _folder.Dispose();
    }
}
