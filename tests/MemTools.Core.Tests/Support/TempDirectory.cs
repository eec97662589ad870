namespace MemTools.Tests.Support;

/// <summary>Where a temporary directory lies.</summary>
public enum Place
{
    /// <summary>The file system of the system's temporary directory, usually on a disk.</summary>
    Disk,

    /// <summary>A file system in memory: /dev/shm.</summary>
    Memory,
}

/// <summary>A directory of one test's own, removed with all that is in it.</summary>
internal sealed class TempDirectory : IDisposable
{
    private const string MemoryRoot = "/dev/shm";

    internal TempDirectory(Place place = Place.Disk)
        : this(RootOf(place))
    {
    }

    internal TempDirectory(string root)
    {
        Path = System.IO.Path.Combine(root, $"memtools-test-{Guid.NewGuid():N}");
        Directory.CreateDirectory(Path);
    }

    internal string Path { get; }

    internal string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>
    /// Names of all that is in it, hidden or not. FUSE gives a file that was removed while it was open another name
    /// until its daemon hears of the last close, some time after that: such a file is gone.
    /// </summary>
    internal string[] Names =>
    [
        .. Directory.EnumerateFileSystemEntries(Path)
            .Select(entry => System.IO.Path.GetFileName(entry)!)
            .Where(name => !name.StartsWith(".fuse_hidden", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    internal static string RootOf(Place place)
    {
        if (place == Place.Disk)
            return System.IO.Path.GetTempPath();
        Skip.IfNot(Directory.Exists(MemoryRoot), "no /dev/shm on this machine");
        return MemoryRoot;
    }

    /// <summary>Writes a file and returns its path.</summary>
    internal string Write(string name, ReadOnlySpan<byte> content)
    {
        string path = this[name];
        File.WriteAllBytes(path, content);
        return path;
    }

    internal string MakeDirectory(string name) => Directory.CreateDirectory(this[name]).FullName;

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A name that is no UTF-8 is one that .NET cannot say.
            Tool.RunChecked("rm", "-rf", "--one-file-system", Path);
        }
    }
}
