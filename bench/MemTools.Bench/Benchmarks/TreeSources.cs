using MemTools.Bench.Running;

namespace MemTools.Bench.Benchmarks;

/// <summary>Trees to copy.</summary>
internal static class TreeSources
{
    /// <summary>Room that the largest of them and a copy of it take, in bytes.</summary>
    internal const long LargestBytes = 2L * 512 * 1024 * 1024;

    private const int FileSize = 2048;

    /// <summary>The folder of the SDK that runs this: some thousand files of all sizes.</summary>
    internal static void CopySdk(string path)
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string sdk = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", "sdk"));
        ProcessTimer.Run("cp", "-a", sdk, path);
    }

    /// <summary>Small files of random bytes.</summary>
    internal static void Fill(string path, int folders, int filesPerFolder)
    {
        byte[] content = new byte[FileSize];
        Random random = new(1);
        for (int folder = 0; folder < folders; folder++)
        {
            string directory = Directory.CreateDirectory(Path.Combine(path, $"d{folder:D3}")).FullName;
            for (int file = 0; file < filesPerFolder; file++)
            {
                random.NextBytes(content);
                File.WriteAllBytes(Path.Combine(directory, $"f{file:D5}"), content);
            }
        }
    }

    /// <summary>Everything in a tree but its root.</summary>
    internal static int Count(string path) => Directory.EnumerateFileSystemEntries(path, "*", SearchOption.AllDirectories).Count();
}
