using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>A runtime directory of one test's own, so that no other test and no other program sees its rings.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
internal sealed class RuntimeFolder : IDisposable
{
    private readonly TempDirectory _folder = new();

    internal RuntimeFolder() => File.SetUnixFileMode(_folder.Path, Mode0700);

    internal static UnixFileMode Mode0700 => UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    internal string Path => _folder.Path;

    internal RuntimePlaces Places => new(Path, "/nowhere", "/nowhere");

    /// <summary>Where the names are.</summary>
    internal string Names => System.IO.Path.Combine(Path, "memtools", "rings");

    /// <summary>The files of a ring's holders, dead or alive.</summary>
    internal string[] EntriesOf(string ring)
    {
        string folder = System.IO.Path.Combine(Names, ring);
        return Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder).Select(file => System.IO.Path.GetFileName(file)!)] : [];
    }

    public void Dispose() => _folder.Dispose();
}
