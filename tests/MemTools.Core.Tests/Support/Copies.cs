using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Tests.Support;

/// <summary>Copying one file through the public API, and what has to hold after every copy that failed.</summary>
internal static class Copies
{
    internal static FileTransferResult Copy(
        string source, string destination, FileCopyOptions? options = null, Action<FileCopySession>? prepare = null)
    {
        using FileCopySession session = new(destination, options ?? new());
        prepare?.Invoke(session);
        return session.Copy(source);
    }

    /// <summary>A copy that is refused: of the kind expected, and without a temporary left behind.</summary>
    internal static TransferException Fails(
        ErrorKind kind, string source, string destination, FileCopyOptions? options = null, Action<FileCopySession>? prepare = null)
    {
        TransferException error = Assert.Throws<TransferException>(() => Copy(source, destination, options, prepare));
        Assert.True(kind == error.Kind, $"{kind} was expected, and this came: {error.Kind}: {error.Message}");
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
        AssertNoTemporaries(Path.GetDirectoryName(destination.TrimEnd('/'))!);
        return error;
    }

    internal static void AssertNoTemporaries(string directory)
    {
        if (Directory.Exists(directory))
            Assert.Empty(Directory.EnumerateFileSystemEntries(directory, "*.memtools-*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    /// <summary>The temporary that a running copy is writing; for tests that tamper with it.</summary>
    internal static string TemporaryIn(string directory) => Assert.Single(
        Directory.EnumerateFiles(directory, "*.memtools-*", new EnumerationOptions { AttributesToSkip = 0 }));
}
