using System.Collections.Concurrent;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>
/// New directories have a temporary name while their files are made: nobody sees a file by its path before it is whole, and
/// whoever comes by the name meanwhile loses nothing.
/// </summary>
public class StagedDirectoryTests
{
    [SkippableFact]
    public void A_directory_has_its_name_when_all_its_files_are_whole()
    {
        using TempDirectory folder = Build(files: 50);
        ConcurrentBag<bool> seen = [];
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy(_ => seen.Add(Directory.Exists(folder["copy/dir"]))), workers: 2);
        AssertWhole(folder, outcomes);
        Assert.Equal(50, seen.Count);
        Assert.DoesNotContain(true, seen);
    }

    [SkippableFact]
    public void Whoever_reads_an_outcome_finds_its_file()
    {
        using TempDirectory folder = Build(files: 200);
        for (int i = 0; i < 200; i++)
            WriteDeep(folder, $"source/dir/inner{i % 7}/f{i}", Content.Random(i));
        TreeCopySession session = new(folder["copy"], new());
        using TreeTransfer transfer = session.Copy(folder["source/dir"]);
        int found = 0;
        foreach (FileTransferResult result in transfer.Outcomes().Select(outcome => outcome.Result!))
        {
            bool isThere = result.ItemType == "Directory" ? Directory.Exists(result.Destination) : new FileInfo(result.Destination).Length == result.Length;
            Assert.True(isThere, result.Destination);
            found++;
        }

        Assert.Equal(408, found);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void Where_it_is_not_of_use_files_come_one_by_one(bool flush)
    {
        using TempDirectory folder = Build(files: 5);
        bool seen = true;
        FileCopyOptions file = flush ? new() { Flush = true } : new() { Resume = true };
        AssertWhole(folder, Copy(folder, new HookedPolicy(_ => seen &= Directory.Exists(folder["copy/dir"])), options: new() { File = file }));
        Assert.True(seen);
    }

    /// <summary>Each copy into the folder above looks for what dead runs left there.</summary>
    [SkippableFact]
    public void Another_copy_leaves_it_alone()
    {
        using TempDirectory folder = Build(files: 5);
        string other = folder.Write("other", [1]);
        int temporaries = 0;
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy("f3", () =>
        {
            Copies.Copy(other, folder["copy"]);
            temporaries = Directory.GetDirectories(folder["copy"], ".dir.memtools-*", new EnumerationOptions { AttributesToSkip = 0 }).Length;
        }));
        AssertWhole(folder, outcomes);
        Assert.Equal((1, 5), (temporaries, Directory.GetFiles(folder["copy/dir"]).Length));
    }

    [SkippableFact]
    public void A_link_that_comes_by_the_name_is_replaced()
    {
        using TempDirectory folder = Build(files: 5);
        folder.MakeDirectory("outside");
        // Not bare: in a directory that this run has made, a link of that name would be the copy of one with nearly the same.
        folder.Write("copy/other", [1]);
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy("f3", () => Directory.CreateSymbolicLink(folder["copy/dir"], folder["outside"])));
        AssertWhole(folder, outcomes);
        Assert.Null(new DirectoryInfo(folder["copy/dir"]).LinkTarget);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder["outside"]));
    }

    [SkippableFact]
    public void A_directory_that_comes_by_the_name_is_joined_and_nothing_in_it_replaced()
    {
        using TempDirectory folder = Build(files: 5);
        WriteDeep(folder, "source/dir/inner/deep", [1]);
        folder.Write("copy/other", [1]);
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy("f3", () =>
        {
            WriteDeep(folder, "copy/dir/f1", "theirs"u8);
            folder.Write("copy/dir/theirs", [1]);
        }));
        TreeOutcome failed = Assert.Single(outcomes, outcome => outcome.Error is not null);
        Assert.Equal((ErrorKind.WouldOverwrite, folder["source/dir/f1"]), (failed.Error!.Kind, failed.Source));
        Assert.Equal("theirs", File.ReadAllText(folder["copy/dir/f1"]));
        Assert.Equal(
            [folder["copy/dir/f0"], folder["copy/dir/f1"], folder["copy/dir/f2"], folder["copy/dir/f3"], folder["copy/dir/f4"], folder["copy/dir/theirs"]],
            Directory.EnumerateFiles(folder["copy/dir"]).Order(StringComparer.Ordinal));
        Assert.True(File.Exists(folder["copy/dir/inner/deep"]));
        FileTransferResult directory = Assert.Single(outcomes, outcome => outcome.Result?.Destination == folder["copy/dir"]).Result!;
        Assert.Equal("Merged", directory.Replacement);
        TreeCopies.AssertNoTemporaries(folder["copy"]);
    }

    [SkippableFact]
    public void What_comes_by_the_name_is_not_taken_for_something_that_the_source_lacks()
    {
        using TempDirectory folder = Build(files: 5);
        folder.Write("copy/other", [1]);
        HookedPolicy policy = new("f3", () => WriteDeep(folder, "copy/dir/theirs", [1])) { Extras = [] };
        Copy(folder, policy);
        Assert.Equal(["other"], policy.Extras);
    }

    [SkippableFact]
    public void A_file_that_comes_by_the_name_stays_and_nothing_is_left()
    {
        using TempDirectory folder = Build(files: 5);
        WriteDeep(folder, "source/dir/inner/deep", [1]);
        folder.Write("copy/other", [1]);
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy("f3", () => folder.Write("copy/dir", "theirs"u8)));
        Assert.Equal("theirs", File.ReadAllText(folder["copy/dir"]));
        // Its five files and itself; what is in it is not gone into.
        TreeOutcome[] failed = [.. outcomes.Where(outcome => outcome.Error is not null)];
        Assert.All(failed, outcome => Assert.Equal(ErrorKind.NotDirectory, outcome.Error!.Kind));
        Assert.Equal(
            Enumerable.Range(0, 5).Select(i => folder[$"source/dir/f{i}"]).Prepend(folder["source/dir"]),
            failed.Select(outcome => outcome.Source).Order(StringComparer.Ordinal));
        TreeCopies.AssertNoTemporaries(folder["copy"]);
    }

    [SkippableFact]
    public void A_file_that_fails_is_not_there_and_the_others_are()
    {
        using TempDirectory folder = Build(files: 5);
        string shrinking = folder.Write("source/dir/shrinking", Content.Random(100_000));
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy(_ => { }) { Watcher = new PieceWatcher(_ => File.WriteAllBytes(shrinking, [1])) });
        TreeOutcome failed = Assert.Single(outcomes, outcome => outcome.Error is not null);
        Assert.Equal((ErrorKind.SourceTruncated, shrinking), (failed.Error!.Kind, failed.Source));
        Assert.Equal(5, Directory.EnumerateFiles(folder["copy/dir"]).Count());
        TreeCopies.AssertNoTemporaries(folder["copy"]);
    }

    [SkippableFact]
    public void A_stopped_run_leaves_whole_files_under_their_names()
    {
        using TempDirectory folder = Build(files: 40);
        using CancellationTokenSource stop = new();
        int begun = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Copy(
            folder,
            new HookedPolicy(_ =>
            {
                if (++begun == 20)
                    stop.Cancel();
            }),
            stop: stop.Token));
        string[] copied = Directory.GetFiles(folder["copy/dir"]);
        Assert.InRange(copied.Length, 15, 20);
        Assert.All(copied, file => Content.AssertSame(File.ReadAllBytes(folder[$"source/dir/{Path.GetFileName(file)}"]), file));
        TreeCopies.AssertNoTemporaries(folder["copy"]);
    }

    [SkippableFact]
    public void It_has_its_name_earlier_where_its_files_take_long()
    {
        using TempDirectory folder = Build(files: 20);
        bool seen = false;
        HookedPolicy policy = new(_ =>
        {
            seen |= Directory.Exists(folder["copy/dir"]);
            Thread.Sleep(1);
        });
        AssertWhole(folder, Copy(folder, policy, limits: new() { Longest = TimeSpan.Zero }));
        Assert.True(seen);
    }

    [SkippableFact]
    public void Large_files_and_many_directories_are_copied_beside_small_files()
    {
        using TempDirectory folder = Build(files: 20);
        for (int i = 0; i < 1100; i++)
            folder.MakeDirectory($"source/dir/inner{i}");
        folder.Write("source/dir/inner7/deep", [1]);
        MakeSparse(folder["source/dir/large"], Stage.LargestFile + 1);
        MakeSparse(folder["source/dir/huge"], Stage.LargestAwaited + 1);
        AssertWhole(folder, Copy(folder, new TreePolicy(), workers: 2));
        Assert.Equal(1100, Directory.GetDirectories(folder["copy/dir"]).Length);
        Assert.Equal(Stage.LargestAwaited + 1, new FileInfo(folder["copy/dir/huge"]).Length);
    }

    [SkippableFact]
    public void Names_of_one_file_are_linked_from_directory_to_directory()
    {
        using TempDirectory folder = Build(files: 30);
        for (int i = 0; i < 30; i++)
        {
            string other = Directory.CreateDirectory(folder[$"source/d{i % 5}"]).FullName;
            Link(folder[$"source/dir/f{i}"], Path.Combine(other, $"g{i}"));
        }

        TreeCopyOptions options = new() { File = new() { Preserve = PreserveItems.All } };
        AssertWhole(folder, Copy(folder, new TreePolicy(), workers: 4, options: options));
        TreeCopies.AssertSame(folder["source"], folder["copy"]);
    }

    [SkippableFact]
    public void Two_runs_at_once_leave_one_whole_tree()
    {
        using TempDirectory folder = Build(files: 100);
        for (int i = 0; i < 300; i++)
            WriteDeep(folder, $"source/dir/inner{i % 10}/f{i}", Content.Random(i));
        for (int round = 0; round < 10; round++)
        {
            string copy = folder.MakeDirectory($"copy{round}");
            List<TreeOutcome>[] both = new List<TreeOutcome>[2];
            Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => both[i] = TreeCopies.Copy(folder["source/dir"], copy)))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Assert.All(both.SelectMany(one => one).Where(one => one.Error is not null), one => Assert.Equal(ErrorKind.WouldOverwrite, one.Error!.Kind));
            TreeCopies.AssertNoTemporaries(copy);
            Assert.Equal(string.Empty, Tool.RunChecked("diff", "-r", folder["source/dir"], Path.Combine(copy, "dir")));
        }
    }

    private static void Link(string file, string name) => Assert.Equal(
        0, DirectoryEntries.Link(Descriptor.WorkingDirectory, NativePath.From(file), Descriptor.WorkingDirectory, NativePath.From(name)));

    private static void WriteDeep(TempDirectory folder, string name, ReadOnlySpan<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder[name])!);
        folder.Write(name, content);
    }

    private static void MakeSparse(string path, long length)
    {
        using FileStream file = File.Create(path);
        file.SetLength(length);
    }

    private static TempDirectory Build(int files)
    {
        // In memory: on a file system that is not known for local, directories have their names from the beginning.
        TempDirectory folder = new(Place.Memory);
        folder.MakeDirectory("source/dir");
        folder.MakeDirectory("copy");
        for (int i = 0; i < files; i++)
            folder.Write($"source/dir/f{i}", Content.Random(1000 + i));
        return folder;
    }

    private static void AssertWhole(TempDirectory folder, List<TreeOutcome> outcomes)
    {
        Assert.Empty(outcomes.Where(outcome => outcome.Error is not null).Select(outcome => outcome.Error!.Message));
        foreach (string file in Directory.GetFiles(folder["source/dir"]).Where(file => new FileInfo(file).Length < 1_000_000))
            Content.AssertSame(File.ReadAllBytes(file), folder[$"copy/dir/{Path.GetFileName(file)}"]);
        TreeCopies.AssertNoTemporaries(folder["copy"]);
    }

    private static List<TreeOutcome> Copy(
        TempDirectory folder, TreePolicy policy, int workers = 1, TreeCopyOptions? options = null, StageLimits? limits = null,
        CancellationToken stop = default)
    {
        limits ??= new() { Longest = TimeSpan.FromHours(1) };
        using TreeRun run = new((options ?? new()) with { ThrottleLimit = workers }, policy, null, stop) { Stages = limits };
        using Descriptor source = FileFacts.Open(folder["source"], OpenFlags.ReadOnly);
        using Descriptor copy = FileFacts.Open(folder["copy"], OpenFlags.ReadOnly);
        run.Start(new TreeDirectory(run, source, NativePath.From(folder["source"]), copy, NativePath.From(folder["copy"])));
        return [.. run.Outcomes()];
    }
}
