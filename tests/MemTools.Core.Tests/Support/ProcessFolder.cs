using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace MemTools.Tests.Support;

/// <summary>A folder of one test, with the files that it copies. Removed with all that is in it.</summary>
internal sealed partial class ProcessFolder : IDisposable
{
    private const string Memory = "/dev/shm";

    /// <param name="parent">Where to make it; else in memory where there is such a place, for the sake of speed.</param>
    internal ProcessFolder(string? parent = null)
    {
        parent ??= Directory.Exists(Memory) ? Memory : Path.GetTempPath();
        Root = Path.Combine(parent, "memtools-test-" + Guid.NewGuid().ToString("N")[..12]);
        Directory.CreateDirectory(Root);
    }

    internal string Root { get; }

    /// <summary>The path of a name in this folder.</summary>
    internal string this[string name] => Path.Combine(Root, name);

    /// <summary>Writes a file whose content only this seed gives.</summary>
    internal string Write(string name, long length, int seed)
    {
        Random random = new(seed);
        byte[] block = new byte[1024 * 1024];
        using FileStream file = File.Create(this[name]);
        for (long left = length; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            file.Write(block, 0, (int)Math.Min(left, block.Length));
        }

        return this[name];
    }

    internal string MakeFolder(string name) => Directory.CreateDirectory(this[name]).FullName;

    internal static string Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return Convert.ToHexString(SHA256.HashData(file));
    }

    /// <summary>Device and inode number.</summary>
    internal static string Identity(string path) => ProcessRun.Require("stat", "-c", "%d:%i", path).Trim();

    /// <summary>A line of stat(1): any of %a %u %g %h %s %b %y and so on.</summary>
    internal static string Stat(string path, string format) => ProcessRun.Require("stat", "-c", format, path).Trim();

    /// <summary>Unfinished files in a folder.</summary>
    internal static string[] Temporaries(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", new EnumerationOptions { AttributesToSkip = 0 })
            .Where(path => TemporaryName().IsMatch(Path.GetFileName(path)))];

    /// <summary>By rm(1): .NET cannot remove a name that is not UTF-8.</summary>
    public void Dispose() => ProcessRun.Require("rm", "-rf", "--one-file-system", Root);

    /// <summary>The length of a file that may go at any moment: 0 where it is gone.</summary>
    internal static long LengthOf(string path)
    {
        try
        {
            return new FileInfo(path).Length;
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    [GeneratedRegex(@"^\..*\.memtools-[0-9a-f]{12}$", RegexOptions.Singleline)]
    private static partial Regex TemporaryName();
}
