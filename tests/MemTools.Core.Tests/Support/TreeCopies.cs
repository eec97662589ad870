using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Support;

/// <summary>Copying trees through the public API, and holding them against each other with other programs.</summary>
internal static class TreeCopies
{
    internal static List<TreeOutcome> Copy(string source, string destination, TreeCopyOptions? options = null)
    {
        TreeCopySession session = new(destination, options ?? new());
        using TreeTransfer transfer = session.Copy(source);
        return [.. transfer.Outcomes()];
    }

    /// <summary>A copy without errors; its results by the path below the destination.</summary>
    internal static FileTransferResult[] CopyChecked(string source, string destination, TreeCopyOptions? options = null)
    {
        List<TreeOutcome> outcomes = Copy(source, destination, options);
        Assert.Empty(outcomes.Where(outcome => outcome.Error is not null).Select(outcome => outcome.Error!.Message));
        return [.. outcomes.Where(outcome => outcome.Result is not null).Select(outcome => outcome.Result!)];
    }

    /// <summary>rsync finds no difference in content, kind, mode, owner, times, links, attributes or lists.</summary>
    internal static void AssertSame(string expected, string actual)
    {
        string rsync = Tool.Need("rsync", "rsync");
        string differences = Tool.RunChecked(
            rsync, "-naicHAX", "--checksum", "--delete", expected.TrimEnd('/') + "/", actual.TrimEnd('/') + "/");
        Assert.Equal(string.Empty, differences);
    }

    /// <summary>No unfinished file is left anywhere below.</summary>
    internal static void AssertNoTemporaries(string root) => Assert.Empty(Directory.EnumerateFileSystemEntries(
        root, "*.memtools-*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }));
}
