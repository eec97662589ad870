namespace MemTools.Tests.Support;

/// <summary>The methods of memtools copy.</summary>
internal static class ProcessMethods
{
    /// <summary>Those that move bytes through the page cache, which every file system takes.</summary>
    internal static readonly string[] Everywhere = ["CopyFileRange", "Sendfile", "Splice", "Mmap", "ReadWrite"];

    /// <summary>Skips a test where a method is refused between files of one folder.</summary>
    internal static void SkipWhereRefused(string method, string parent)
    {
        using ProcessFolder probe = new(parent);
        ProcessResult result = ProcessMemTools.Copy("--method", method, probe.Write("source", 8192, seed: 0), probe["copy"]);
        Skip.If(result.ExitCode != 0, $"No {method} in {parent}: {result.Error}");
    }

    /// <summary>Where a method can be tried: in memory, but for direct I/O, which needs a disk.</summary>
    internal static string? ParentFor(string method)
    {
        if (method != "DirectIO")
            return null;
        string parent = Path.GetTempPath();
        SkipWhereRefused(method, parent);
        return parent;
    }
}
