using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>What a copied tree has of its source, and where it goes.</summary>
public class TreeCopyTests
{
    private static readonly TreeCopyOptions All = new() { File = new() { Preserve = PreserveItems.All }, SpecialFile = SpecialFileMode.Recreate };

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_tree_is_copied_with_all_that_is_in_it(int workers)
    {
        using TempDirectory folder = new();
        string source = Build(folder);
        FileTransferResult[] results = TreeCopies.CopyChecked(source, folder["copy"], All with { ThrottleLimit = workers });
        TreeCopies.AssertSame(source, folder["copy"]);
        TreeCopies.AssertNoTemporaries(folder.Path);
        Assert.Equal(
            Directory.EnumerateFileSystemEntries(source, "*", SearchOption.AllDirectories).Count() + 1, results.Length);
        // Workers hand over what they did in lots, so that the root need not come last.
        Assert.Equal("Directory", Assert.Single(results, result => result.Destination == folder["copy"]).ItemType);
    }

    [SkippableFact]
    public void A_second_copy_over_the_first_changes_nothing()
    {
        using TempDirectory folder = new();
        string source = Build(folder);
        string into = folder.MakeDirectory("into");
        TreeCopies.CopyChecked(source, into, All);
        FileTransferResult[] again = TreeCopies.CopyChecked(source, into, All);
        TreeCopies.AssertSame(source, folder["into/source"]);
        Assert.All(again, result => Assert.Contains(result.Replacement, (string[])["Renamed", "InPlace", "Merged"]));
        Assert.Equal(["source"], Directory.EnumerateFileSystemEntries(into).Select(Path.GetFileName));
    }

    [Fact]
    public void Links_to_one_file_stay_links_to_one_file_only_where_that_is_asked()
    {
        using TempDirectory folder = new();
        string source = folder.MakeDirectory("source");
        for (int i = 0; i < 40; i++)
        {
            Directory.CreateDirectory(folder[$"source/d{i}"]);
            if (i == 0)
                folder.Write("source/d0/name", Content.Random(300_000));
            else
                Tool.RunChecked("ln", folder["source/d0/name"], folder[$"source/d{i}/name"]);
        }

        FileTransferResult[] results = TreeCopies.CopyChecked(source, folder["copy"], All with { ThrottleLimit = 8 });
        Assert.Equal(40u, FileFacts.Of(folder["copy/d7/name"]).LinkCount);
        Assert.Equal(39, results.Count(result => result.Status == "Linked"));
        TreeCopies.CopyChecked(source, folder["apart"]);
        Assert.Equal(1u, FileFacts.Of(folder["apart/d7/name"]).LinkCount);
    }

    [Fact]
    public void A_link_in_the_destination_is_replaced_and_its_target_stays()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/sub");
        folder.Write("source/file", "new"u8);
        folder.Write("source/sub/file", "new"u8);
        folder.MakeDirectory("outside");
        folder.Write("outside/file", "old"u8);
        folder.MakeDirectory("copy");
        File.CreateSymbolicLink(folder["copy/file"], folder["outside/file"]);
        Directory.CreateSymbolicLink(folder["copy/sub"], folder["outside"]);
        TreeCopies.CopyChecked(folder["source"] + "/file", folder["copy"]);
        TreeCopies.CopyChecked(folder["source"] + "/sub", folder["copy"]);
        Assert.Equal("old", File.ReadAllText(folder["outside/file"]));
        Assert.Equal(["file"], Directory.EnumerateFileSystemEntries(folder["outside"]).Select(Path.GetFileName));
        Assert.Null(new FileInfo(folder["copy/file"]).LinkTarget);
        Assert.Null(new DirectoryInfo(folder["copy/sub"]).LinkTarget);
        Assert.Equal("new", File.ReadAllText(folder["copy/sub/file"]));
    }

    [Theory]
    [InlineData("source", "source/sub/new", ErrorKind.Misuse)]
    [InlineData("source", "source/sub", ErrorKind.Misuse)]
    [InlineData("source", "source", ErrorKind.Misuse)]
    [InlineData("source", ".", ErrorKind.SameFile)]
    [InlineData("source", "file", ErrorKind.NotDirectory)]
    [InlineData("none", "copy", ErrorKind.NotFound)]
    public void What_cannot_be_copied_is_an_error_before_anything_is_made(string source, string destination, ErrorKind kind)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/sub");
        folder.Write("source/file", "1"u8);
        folder.Write("file", "1"u8);
        string[] before = [.. Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order()];
        TransferException error = Assert.Throws<TransferException>(
            () => TreeCopies.Copy(folder[source], destination == "." ? folder.Path : folder[destination]));
        Assert.True(kind == error.Kind, error.Message);
        Assert.Equal(before, Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order());
    }

    [Fact]
    public void A_plan_makes_nothing_and_names_everything()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/sub");
        folder.Write("source/sub/file", "1"u8);
        FileTransferResult[] planned = TreeCopies.CopyChecked(folder["source"], folder["none/copy"], new() { PlanOnly = true });
        Assert.Equal(["source"], folder.Names);
        Assert.Equal(
            [folder["none/copy"], folder["none/copy/sub"], folder["none/copy/sub/file"]],
            planned.Select(result => result.Destination).Order(StringComparer.Ordinal));
        Assert.All(planned, result => Assert.Equal("WouldCopy", result.Status));
    }

    [Fact]
    public void A_link_that_leads_back_is_an_error_and_the_rest_is_copied()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/sub");
        folder.Write("source/sub/file", "1"u8);
        Directory.CreateSymbolicLink(folder["source/sub/loop"], "..");
        List<TreeOutcome> outcomes = TreeCopies.Copy(folder["source"], folder["copy"], new() { Symlink = SymlinkMode.Follow });
        Assert.Equal(ErrorKind.SymlinkLoop, Assert.Single(outcomes, outcome => outcome.Error is not null).Error!.Kind);
        Assert.Equal("1", File.ReadAllText(folder["copy/sub/file"]));
    }

    [SkippableFact]
    public void A_tree_of_300_levels_is_copied_with_few_open_files()
    {
        using TempDirectory folder = new();
        string bash = Tool.Need("bash", "bash");
        const string name = "a-directory-name-of-some-length";
        try
        {
            Tool.RunChecked(
                bash, "-c", $"cd '{folder.Path}' && mkdir source && cd -P source && for i in $(seq 300); do mkdir {name} && cd -P {name} && echo $i > file || exit 1; done");
            Assert.Equal(601, CopyWithFewOpenFiles(folder).Count(outcome => outcome.Result is not null));
            // diff(1) opens by path, and these are longer than a path may be.
            string[] sums = [.. ((string[])["source", "copy"]).Select(
                tree => Tool.RunChecked(bash, "-c", $"cd '{folder.Path}/{tree}' && tar -cf - . | sha256sum"))];
            Assert.Equal(sums[0], sums[1]);
        }
        finally
        {
            // .NET cannot name what lies so deep.
            Tool.Run("rm", "-rf", folder["source"], folder["copy"]);
        }
    }

    private static List<TreeOutcome> CopyWithFewOpenFiles(TempDirectory folder)
    {
        NativePath path = NativePath.From(folder.Path);
        using TreeRun run = new(All, new TreePolicy(), null, default) { Budget = new DescriptorBudget(8) };
        using Descriptor parent = FileFacts.Open(folder.Path, MemTools.Native.OpenFlags.ReadOnly);
        run.Start(new TreeDirectory(run, parent, path, parent, path), NativePath.From("source"), NativePath.From("copy"));
        List<TreeOutcome> outcomes = [.. run.Outcomes()];
        Assert.Empty(outcomes.Where(outcome => outcome.Error is not null).Select(outcome => outcome.Error!.Message));
        return outcomes;
    }

    [SkippableFact]
    public void Names_that_are_not_UTF8_are_copied_as_they_are()
    {
        using TempDirectory folder = new();
        string bash = Tool.Need("bash", "bash");
        Tool.RunChecked(bash, "-c", $"cd '{folder.Path}' && mkdir -p source/$'d\\xfe' && echo 1 > source/$'d\\xfe'/$'f\\xff' && ln -s $'\\xfd' source/l");
        FileTransferResult[] results = TreeCopies.CopyChecked(folder["source"], folder["copy"], All);
        TreeCopies.AssertSame(folder["source"], folder["copy"]);
        Assert.Contains(folder["copy"] + "/d\\xfe/f\\xff", results.Select(result => result.Destination));
        Tool.RunChecked("rm", "-rf", folder["source"], folder["copy"]);
    }

    [Fact]
    public void A_stopped_copy_ends_and_leaves_no_unfinished_file()
    {
        using TempDirectory folder = new();
        for (int i = 0; i < 20; i++)
            folder.Write($"{Path.GetFileName(folder.MakeDirectory("source"))}/file{i}", Content.Random(1_000_000));
        using CancellationTokenSource stop = new();
        bool idle = false;
        TreeCopySession session = new(folder["copy"], new());
        using (TreeTransfer transfer = session.Copy(folder["source"], () => idle = true, stop.Token))
        {
            Assert.ThrowsAny<OperationCanceledException>(() =>
            {
                foreach (TreeOutcome _ in transfer.Outcomes())
                    stop.Cancel();
            });
        }

        Assert.True(idle);
        TreeCopies.AssertNoTemporaries(folder.Path);
    }

    private static string Build(TempDirectory folder)
    {
        string source = folder.MakeDirectory("source");
        folder.MakeDirectory("source/sub/deep");
        folder.MakeDirectory("source/empty");
        folder.MakeDirectory("source/readonly");
        folder.Write("source/zero", []);
        for (int i = 0; i < 50; i++)
            folder.Write($"source/sub/file{i}", Content.Random(i * 111, seed: i));
        folder.Write("source/readonly/large", Content.Random(3_000_000));
        FileFacts.SetMode(folder["source/sub/file7"], 0x9C0);
        File.SetLastWriteTimeUtc(folder["source/sub/file8"], new DateTime(1960, 5, 6, 7, 8, 9, DateTimeKind.Utc).AddTicks(1234567));
        File.SetLastWriteTimeUtc(folder["source/sub/file9"], new DateTime(2100, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        File.CreateSymbolicLink(folder["source/link"], "sub/file1");
        File.CreateSymbolicLink(folder["source/dangling"], "/nowhere/at all");
        Machine.MakeFifo(folder["source/fifo"]);
        Tool.RunChecked("ln", folder["source/sub/file1"], folder["source/sub/deep/hard"]);
        Directory.SetLastWriteTimeUtc(folder["source/sub"], new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        FileFacts.SetMode(folder["source/readonly"], 0x16D);
        return source;
    }
}
