using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>Trees that change while they are walked: nothing leads the copy outside, and the rest is copied.</summary>
public class ChangingTreeTests
{
    private const string Secret = "what is outside";

    [Fact]
    public void A_source_directory_that_becomes_a_link_is_not_followed()
    {
        using TempDirectory folder = Build();
        // The directory has been listed by then, with inner as a directory, which is opened only later.
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy("trigger", () => Replace(folder, "source/dir/inner")));
        AssertNothingOutside(folder);
        TreeOutcome failed = Assert.Single(outcomes, outcome => outcome.Error is not null);
        Assert.Equal(ErrorKind.Busy, failed.Error!.Kind);
        Assert.Equal(folder["source/dir/inner"], failed.Source);
        Assert.True(File.Exists(folder["copy/dir/trigger"]));
        Assert.False(File.Exists(folder["copy/dir/inner/secret"]));
    }

    [Fact]
    public void A_source_directory_that_becomes_another_directory_is_not_entered_again()
    {
        using TempDirectory folder = Build();
        List<TreeOutcome> outcomes = Copy(
            folder,
            new HookedPolicy("first", () =>
            {
                Directory.Move(folder["source/dir/inner"], folder["moved"]);
                Directory.CreateDirectory(folder["source/dir/inner/deep"]);
                File.WriteAllText(folder["source/dir/inner/deep/other"], Secret);
            }),
            openDirectories: 0);
        Assert.Contains(outcomes, outcome => outcome.Error?.Kind is ErrorKind.Busy);
        Assert.False(File.Exists(folder["copy/dir/inner/deep/other"]));
        Assert.True(File.Exists(folder["copy/dir/trigger"]));
    }

    [Fact]
    public void A_link_that_appears_where_a_directory_is_to_be_made_is_replaced()
    {
        using TempDirectory folder = Build();
        List<TreeOutcome> outcomes = Copy(
            folder,
            new HookedPolicy("trigger", () => Directory.CreateSymbolicLink(folder["copy/dir/inner"], folder["outside"])) { StagesDirectories = false });
        AssertNothingOutside(folder);
        Assert.DoesNotContain(outcomes, outcome => outcome.Error is not null);
        Assert.Null(new DirectoryInfo(folder["copy/dir/inner"]).LinkTarget);
        Assert.True(File.Exists(folder["copy/dir/inner/deep/last"]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public void A_destination_directory_that_becomes_a_link_is_not_followed(int openDirectories)
    {
        using TempDirectory folder = Build();
        Copy(folder, new HookedPolicy("first", () => Replace(folder, "copy/dir/inner")) { StagesDirectories = false }, openDirectories);
        AssertNothingOutside(folder);
        Assert.True(File.Exists(folder["copy/dir/trigger"]));
    }

    [Fact]
    public void Links_that_come_and_go_on_both_sides_never_lead_outside()
    {
        using TempDirectory folder = Build();
        for (int i = 0; i < 60; i++)
            folder.Write($"source/dir/inner/deep/f{i}", [1]);
        for (int round = 0; round < 15; round++)
        {
            using CancellationTokenSource end = new();
            Thread[] swapping = [.. ((string[])["source/dir/inner", "copy/dir/inner"]).Select(path => Swap(folder, path, end.Token))];
            // Whatever is in the way at some moment is an error of that item.
            Copy(folder, new TreePolicy(), openDirectories: 0, workers: 4);
            end.Cancel();
            Array.ForEach(swapping, thread => thread.Join());
            AssertNothingOutside(folder);
        }

        // Links are not followed here: one that stood in the source at some moment may have been copied, as a link.
        EnumerationOptions everything = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        Assert.NotEmpty(Directory.EnumerateFiles(folder["copy"], "f*", everything));
        Assert.Empty(Directory.EnumerateFiles(folder["copy"], "secret", everything));
    }

    [Fact]
    public void What_vanishes_before_its_turn_is_an_error_and_the_rest_is_copied()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source/dir");
        folder.MakeDirectory("copy");
        for (int i = 0; i < 10; i++)
            folder.Write($"source/dir/f{i}", [1]);
        folder.Write("source/stays", [1]);
        bool done = false;
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy(file =>
        {
            if (done || !file.SourcePath.ToString().Contains("/dir/f", StringComparison.Ordinal))
                return;
            done = true;
            foreach (string other in Directory.GetFiles(folder["source/dir"]).Where(path => path != file.SourcePath.ToString()))
                File.Delete(other);
        }));
        TreeOutcome[] failed = [.. outcomes.Where(outcome => outcome.Error is not null)];
        Assert.Equal(9, failed.Length);
        Assert.All(failed, outcome => Assert.Equal(ErrorKind.NotFound, outcome.Error!.Kind));
        Assert.Single(Directory.GetFiles(folder["copy/dir"]));
        Assert.True(File.Exists(folder["copy/stays"]));
    }

    [Fact]
    public void A_file_that_grows_meanwhile_says_so()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("source");
        folder.MakeDirectory("copy");
        string file = folder.Write("source/file", Content.Random(100_000));
        List<TreeOutcome> outcomes = Copy(folder, new HookedPolicy(_ => { }) { Watcher = new PieceWatcher(_ => File.AppendAllText(file, "more")) });
        FileTransferResult result = Assert.Single(outcomes, outcome => outcome.Result?.ItemType == "File").Result!;
        Assert.True(result.SourceChanged);
        Assert.NotEmpty(result.Warnings);
        Assert.Equal(100_000, new FileInfo(folder["copy/file"]).Length);
    }

    /// <summary>dir has a trigger beside inner, which has a first file beside deep.</summary>
    private static TempDirectory Build()
    {
        TempDirectory folder = new();
        folder.MakeDirectory("source/dir/inner/deep");
        folder.MakeDirectory("outside/deep");
        folder.MakeDirectory("copy");
        folder.Write("outside/secret", System.Text.Encoding.UTF8.GetBytes(Secret));
        folder.Write("outside/deep/secret", System.Text.Encoding.UTF8.GetBytes(Secret));
        folder.Write("source/dir/trigger", [1]);
        folder.Write("source/dir/inner/first", [1]);
        folder.Write("source/dir/inner/deep/last", [1]);
        return folder;
    }

    private static void Replace(TempDirectory folder, string directory)
    {
        Directory.Move(folder[directory], folder["moved"]);
        Directory.CreateSymbolicLink(folder[directory], folder["outside"]);
    }

    private static Thread Swap(TempDirectory folder, string directory, CancellationToken end)
    {
        // With -T, or ln would make its link within what the copy has put under the name meanwhile: in outside, where that is a link.
        Thread thread = new(() =>
        {
            while (!end.IsCancellationRequested)
                Tool.Run("sh", "-c", $"cd '{folder.Path}' && mv -T {directory} {directory}.was && ln -sT '{folder["outside"]}' {directory}; rm {directory} && mv -T {directory}.was {directory}");
        });
        thread.Start();
        return thread;
    }

    private static List<TreeOutcome> Copy(TempDirectory folder, TreePolicy policy, int openDirectories = 8, int workers = 1)
    {
        TreeCopyOptions options = new() { ThrottleLimit = workers };
        using TreeRun run = new(options, policy, null, default) { Budget = new DescriptorBudget(openDirectories) };
        using Descriptor source = FileFacts.Open(folder["source"], OpenFlags.ReadOnly);
        using Descriptor copy = FileFacts.Open(folder["copy"], OpenFlags.ReadOnly);
        run.Start(new TreeDirectory(run, source, NativePath.From(folder["source"]), copy, NativePath.From(folder["copy"])));
        return [.. run.Outcomes()];
    }

    private static void AssertNothingOutside(TempDirectory folder)
    {
        Assert.Equal(
            [folder["outside/deep"], folder["outside/deep/secret"], folder["outside/secret"]],
            Directory.EnumerateFileSystemEntries(folder["outside"], "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
        Assert.Equal(Secret, File.ReadAllText(folder["outside/secret"]));
        Assert.Equal(Secret, File.ReadAllText(folder["outside/deep/secret"]));
    }
}
