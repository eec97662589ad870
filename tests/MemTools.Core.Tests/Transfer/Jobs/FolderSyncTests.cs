using System.Text.Json;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>One folder made equal to another.</summary>
public class FolderSyncTests
{
    private static readonly FileCopyOptions Everything = new() { Preserve = PreserveItems.All };

    [SkippableFact]
    public void The_second_run_finds_nothing_to_do()
    {
        using Scene scene = new();
        FileTransferJobResult first = scene.Sync();
        Assert.Equal((5, 2, 0, 0), (first.Files, first.Directories, first.Skipped, first.Failed));
        scene.AssertEqual();
        FileTransferJobResult second = scene.Sync();
        Assert.Equal((0, 0, 5, 0), (second.Files, second.Directories, second.Skipped, second.Failed));
        Assert.Equal(("Completed", 0), (second.Status, second.ExitCode));
        scene.AssertEqual();
    }

    [Fact]
    public void A_listener_that_breaks_off_ends_the_log()
    {
        using Scene scene = new();
        using TempDirectory folder = new();
        string log = folder["log"];
        // As PowerShell does where it stops a pipeline: before the command itself has heard of it.
        Assert.Throws<InvalidOperationException>(() => scene.Sync(new() { LogPath = log }, _ => throw new InvalidOperationException("stop")));
        Assert.Contains("\"Stopped\"", File.ReadLines(log).Last(), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(SkipWhen.SameSizeAndTime, 0)]
    [InlineData(SkipWhen.Newer, 0)]
    [InlineData(SkipWhen.SameHash, 1)]
    [InlineData(SkipWhen.Never, 3)]
    public void What_counts_as_copied_already_is_chosen(SkipWhen when, long copied)
    {
        using Scene scene = new();
        scene.Sync();
        // Other bytes, of the same length and time: only who reads them sees that.
        DateTime time = File.GetLastWriteTimeUtc(scene.Source("a"));
        File.WriteAllBytes(scene.Destination("a"), [9, 9, 9]);
        File.SetLastWriteTimeUtc(scene.Destination("a"), time);
        List<FileTransferResult> results = [];
        FileTransferJobResult result = scene.Sync(new() { SkipWhen = when }, outcome => results.AddRange(outcome.Result is { ItemType: "File" } one ? [one] : []));
        Assert.Equal(copied, results.Count(one => one.Status == "Copied"));
        Assert.Equal(0, result.Failed);
        Assert.Equal(copied > 0 ? [1, 2, 3] : new byte[] { 9, 9, 9 }, File.ReadAllBytes(scene.Destination("a")));
    }

    [SkippableFact]
    public void A_destination_that_is_newer_stays_where_that_is_asked_for()
    {
        using Scene scene = new();
        scene.Sync();
        File.WriteAllText(scene.Destination("a"), "mine, and newer");
        File.SetLastWriteTimeUtc(scene.Destination("a"), DateTime.UtcNow.AddHours(1));
        scene.Sync(new() { SkipWhen = SkipWhen.Newer });
        Assert.Equal("mine, and newer", File.ReadAllText(scene.Destination("a")));
        scene.Sync();
        scene.AssertEqual();
    }

    [SkippableFact]
    public void A_mode_alone_is_brought_up_to_date_without_a_copy()
    {
        using Scene scene = new();
        scene.Sync();
        ulong inode = FileFacts.Of(scene.Destination("a")).Inode;
        FileFacts.SetMode(scene.Source("a"), 0x1C0);
        FileTransferJobResult result = scene.Sync();
        Assert.Equal((0, 5, 1), (result.Files, result.Skipped, result.Refreshed));
        Assert.Equal((0x1C0u, inode), (FileFacts.ModeOf(scene.Destination("a")), FileFacts.Of(scene.Destination("a")).Inode));
        scene.AssertEqual();
    }

    [SkippableFact]
    public void A_second_run_touches_no_inode()
    {
        using Scene scene = new();
        Tool.RunChecked(Tool.Need("setfattr", "attr"), "-n", "user.note", "-v", "x", scene.Source("a"), scene.Source("dir"));
        Tool.RunChecked(Tool.Need("setfacl", "acl"), "-m", "u:12345:r", scene.Source("a"), scene.Source("dir"));
        Tool.RunChecked(Tool.Need("setfacl", "acl"), "-d", "-m", "u:12345:r", scene.Source("dir"));
        scene.Sync();
        Dictionary<string, StatxTimestamp> before = scene.ChangeTimes();
        FileTransferJobResult second = scene.Sync(new() { Delete = true });
        Assert.Equal((0, 0, 0), (second.Files, second.Refreshed, second.Removed));
        Assert.Equal(before, scene.ChangeTimes());
        scene.AssertEqual();
    }

    [SkippableFact]
    public void Attributes_and_lists_alone_are_brought_up_to_date_without_a_copy()
    {
        using Scene scene = new();
        string setfattr = Tool.Need("setfattr", "attr");
        string setfacl = Tool.Need("setfacl", "acl");
        Tool.RunChecked(setfattr, "-n", "user.gone", "-v", "x", scene.Source("a"));
        Tool.RunChecked(setfacl, "-m", "u:12345:r", scene.Source("dir/b"));
        scene.Sync();
        ulong inode = FileFacts.Of(scene.Destination("a")).Inode;
        Tool.RunChecked(setfattr, "-x", "user.gone", scene.Source("a"));
        Tool.RunChecked(setfattr, "-n", "user.new", "-v", "y", scene.Source("a"));
        Tool.RunChecked(setfacl, "-b", scene.Source("dir/b"));
        FileTransferJobResult result = scene.Sync();
        // dir/b has a second name, which is the same file.
        Assert.Equal((0, 5, 2, 0), (result.Files, result.Skipped, result.Refreshed, result.Failed));
        Assert.Equal(inode, FileFacts.Of(scene.Destination("a")).Inode);
        scene.AssertEqual();
    }

    [SkippableFact]
    public void A_copy_with_other_names_is_written_in_place_unless_that_is_refused()
    {
        using Scene scene = new();
        scene.Sync();
        Tool.RunChecked(Tool.Need("ln", "coreutils"), scene.Destination("a"), scene.Folder["snapshot"]);
        File.WriteAllText(scene.Source("a"), "the next day");
        FolderSyncOptions atomic = new() { Tree = new() { File = Everything with { RequireAtomic = true } } };
        Assert.Equal(1, scene.Sync(atomic).Failed);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(scene.Folder["snapshot"]));
        Assert.Equal((1, 0), (scene.Sync().Files, scene.Sync().Failed));
        Assert.Equal("the next day", File.ReadAllText(scene.Folder["snapshot"]));
        scene.AssertEqual();
    }

    [SkippableFact]
    public void Names_that_are_not_UTF8_are_copied_logged_exactly_and_removed()
    {
        using Scene scene = new();
        // One name of one byte, and one that only looks like it.
        Tool.RunChecked("sh", "-c", $"cd '{scene.Folder["src"]}' && echo x > \"$(printf 'n\\377')\" && echo y > 'n\\xff'");
        string log = scene.Folder["job.log"];
        Assert.Equal(7, scene.Sync(new() { LogPath = log }).Files);
        scene.AssertEqual();
        string?[] exact = [.. File.ReadLines(log)
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.TryGetProperty("source", out JsonElement source) && source.GetString()!.EndsWith("/n\\xff", StringComparison.Ordinal))
            .Select(line => line.TryGetProperty("sourceBytes", out JsonElement bytes) ? Convert.ToHexString(bytes.GetBytesFromBase64()[^2..]) : null)];
        Assert.Equal([null, "6EFF"], exact.Order(StringComparer.Ordinal));
        Tool.RunChecked("sh", "-c", $"cd '{scene.Folder["src"]}' && rm -- \"$(printf 'n\\377')\"");
        Assert.Equal((1, 0), (scene.Sync(new() { Delete = true, LogPath = log }).Removed, scene.Sync().Failed));
        JsonElement removed = File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(line => line.TryGetProperty("status", out JsonElement status) && status.GetString() == "Removed");
        Assert.Equal(0xff, removed.GetProperty("destinationBytes").GetBytesFromBase64()[^1]);
        scene.AssertEqual();
    }

    [SkippableFact]
    public void What_the_source_lacks_goes_with_the_switch_alone()
    {
        using Scene scene = new();
        scene.Sync();
        scene.AddExtras();
        Assert.Equal(0, scene.Sync().Removed);
        Assert.True(File.Exists(scene.Destination("extra")));
        FileTransferJobResult result = scene.Sync(new() { Delete = true });
        Assert.Equal((4, 0, 0), (result.Removed, result.Failed, result.Files));
        scene.AssertEqual();
    }

    [SkippableTheory]
    [InlineData(4, 4)]
    [InlineData(3, 0)]
    [InlineData(0, 0)]
    public void More_than_may_go_does_not_go_at_all(long most, long removed)
    {
        using Scene scene = new();
        scene.Sync();
        scene.AddExtras();
        File.WriteAllText(scene.Source("new"), "copied all the same");
        FileTransferJobResult result = scene.Sync(new() { Delete = true, MaximumDelete = most });
        Assert.Equal((removed, removed == 0 ? 1 : 0, 1), (result.Removed, result.Failed, result.Files));
        Assert.Equal(removed == 0, File.Exists(scene.Destination("extra")));
        if (removed == 0)
            Assert.Equal("DeletionRefused", Assert.Single(result.Failures).ErrorId);
    }

    [SkippableFact]
    public void An_empty_or_missing_source_removes_nothing()
    {
        using Scene scene = new();
        scene.Sync();
        Directory.Delete(scene.Folder["src"], recursive: true);
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<TransferException>(() => scene.Sync(new() { Delete = true })).Kind);
        Directory.CreateDirectory(scene.Folder["src"]);
        Assert.Equal(ErrorKind.DeletionRefused, Assert.Throws<TransferException>(() => scene.Sync(new() { Delete = true })).Kind);
        Assert.True(File.Exists(scene.Destination("dir/b")));
    }

    [SkippableFact]
    public void What_is_excluded_is_neither_copied_nor_removed()
    {
        using Scene scene = new();
        scene.Sync();
        scene.AddExtras();
        File.WriteAllText(scene.Source("new.tmp"), "x");
        File.WriteAllText(scene.Destination("old.tmp"), "x");
        File.WriteAllText(scene.Destination("more/deep.tmp"), "x");
        FileTransferJobResult result = scene.Sync(new() { Delete = true, Tree = new() { File = Everything, Exclude = ["*.tmp"] } });
        Assert.False(File.Exists(scene.Destination("new.tmp")));
        Assert.True(File.Exists(scene.Destination("old.tmp")));
        Assert.True(File.Exists(scene.Destination("more/deep.tmp")));
        Assert.False(File.Exists(scene.Destination("more/inner/c")));
        Assert.Equal((3, 0), (result.Removed, result.Failed));
    }

    [SkippableFact]
    public void Nothing_is_changed_where_only_a_plan_is_wanted()
    {
        using Scene scene = new();
        scene.Sync();
        scene.AddExtras();
        File.WriteAllText(scene.Source("new"), "x");
        List<string> wouldGo = [];
        List<string> wouldCome = [];
        FolderSyncOptions options = new() { Delete = true, Tree = new() { File = Everything, PlanOnly = true } };
        FolderSyncSession session = new(scene.Folder["src"], scene.Folder["dst"], options)
        {
            Approve = path =>
            {
                wouldGo.Add(path);
                return true;
            },
            Item = outcome => wouldCome.AddRange(outcome.Result is { Status: "WouldCopy", ItemType: "File" } one ? [one.Source] : []),
        };
        session.Run();
        Assert.Equal([scene.Destination("extra"), scene.Destination("more")], wouldGo.Order(StringComparer.Ordinal));
        Assert.Equal([scene.Source("new")], wouldCome);
        Assert.True(File.Exists(scene.Destination("more/inner/c")));
        Assert.False(File.Exists(scene.Destination("new")));
    }

    [SkippableFact]
    public void Files_and_folders_take_each_others_place_with_Delete()
    {
        using Scene scene = new();
        scene.Sync();
        File.Delete(scene.Destination("a"));
        Directory.CreateDirectory(scene.Destination("a/inner"));
        Directory.Delete(scene.Destination("dir"), recursive: true);
        File.WriteAllText(scene.Destination("dir"), "a file");
        File.Delete(scene.Destination("link"));
        Directory.CreateDirectory(scene.Destination("link"));
        Assert.Equal(3, scene.Sync().Failed);
        FileTransferJobResult result = scene.Sync(new() { Delete = true });
        Assert.Equal((0, 4), (result.Failed, result.Removed));
        scene.AssertEqual();
    }

    [SkippableFact]
    public void Names_of_one_file_stay_names_of_one_file()
    {
        using Scene scene = new();
        scene.Sync();
        File.Delete(scene.Destination("hard"));
        File.Copy(scene.Destination("dir/b"), scene.Destination("hard"));
        File.SetLastWriteTimeUtc(scene.Destination("hard"), File.GetLastWriteTimeUtc(scene.Source("hard")));
        scene.Sync();
        Assert.Equal(FileFacts.Of(scene.Destination("dir/b")).Inode, FileFacts.Of(scene.Destination("hard")).Inode);
        Assert.Equal(0, scene.Sync().Files);
        scene.AssertEqual();
    }

    [SkippableFact]
    public void A_link_in_the_destination_is_replaced_and_its_target_stays()
    {
        using Scene scene = new();
        using TempDirectory outside = new();
        scene.Sync();
        string target = outside.Write("target", [7]);
        File.Delete(scene.Destination("a"));
        File.CreateSymbolicLink(scene.Destination("a"), target);
        Directory.Delete(scene.Destination("dir"), recursive: true);
        File.CreateSymbolicLink(scene.Destination("dir"), outside.Path);
        scene.Sync(new() { Delete = true });
        scene.AssertEqual();
        Assert.Equal(["target"], outside.Names);
        Assert.Equal([7], File.ReadAllBytes(target));
    }

    [SkippableFact]
    public void A_second_job_fails_at_once_or_waits()
    {
        using Scene scene = new();
        scene.Folder.MakeDirectory("dst");
        using (JobLock.Take(NativePath.From(scene.Folder["dst"]), wait: false, null, CancellationToken.None))
        {
            Assert.Equal(ErrorKind.Busy, Assert.Throws<TransferException>(() => scene.Sync(new() { NoWait = true })).Kind);
            using CancellationTokenSource stop = new();
            FolderSyncSession waiting = new(scene.Folder["src"], scene.Folder["dst"], new()) { Waiting = stop.Cancel };
            Assert.Throws<OperationCanceledException>(() => waiting.Run(stop.Token));
            Assert.Empty(Directory.GetFileSystemEntries(scene.Folder["dst"]));
        }

        Assert.Equal(0, scene.Sync(new() { NoWait = true }).Failed);
    }

    [Fact]
    public void Overlapping_folders_are_refused()
    {
        using TempDirectory folder = new();
        folder.Write("file", [1]);
        folder.MakeDirectory("sub");
        folder.Write("sub/file", [1]);
        Assert.Equal(ErrorKind.SameFile, Fails(folder.Path, folder.Path, new()));
        Assert.Equal(ErrorKind.Misuse, Fails(folder.Path, folder["sub"], new()));
        Assert.Equal(ErrorKind.Misuse, Fails(folder["sub"], folder.Path, new() { Delete = true }));
        Assert.Equal(["file", "sub"], folder.Names);
    }

    [SkippableFact]
    public void The_log_tells_of_start_items_and_end_and_survives_in_the_destination()
    {
        using Scene scene = new();
        scene.Sync();
        scene.AddExtras();
        File.WriteAllText(scene.Source("new"), "x");
        string log = scene.Destination("job.log");
        FileTransferJobResult result = scene.Sync(new() { Delete = true, LogPath = log });
        Assert.Equal((0, 4), (result.Failed, result.Removed));
        JsonElement[] lines = [.. File.ReadLines(log).Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("start", lines[0].GetProperty("event").GetString());
        Assert.Equal("end", lines[^1].GetProperty("event").GetString());
        Assert.Equal(
            ["Copied", "Removed", "Removed", "Removed", "Removed"],
            lines[1..^1].Select(line => line.GetProperty("status").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal((1, 4), (lines[^1].GetProperty("files").GetInt32(), lines[^1].GetProperty("removed").GetInt32()));
    }

    [SkippableFact]
    public void A_log_on_a_full_disk_is_a_failure_in_the_result_and_stops_nothing()
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full on this machine");
        using Scene scene = new();
        FileTransferJobResult result = scene.Sync(new() { LogPath = "/dev/full" });
        Assert.Equal((5, 1, 1), (result.Files, result.Failed, result.ExitCode));
        Assert.Equal(("NoSpace", "ENOSPC"), (result.Failures[0].ErrorId, result.Failures[0].ErrorName));
        scene.AssertEqual();
    }

    [Fact]
    public void A_log_that_cannot_be_opened_ends_the_job_before_it_begins()
    {
        using TempDirectory folder = new();
        folder.MakeDirectory("src");
        FolderSyncSession session = new(folder["src"], folder["dst"], new() { LogPath = folder["none/log"] });
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<TransferException>(() => session.Run()).Kind);
        Assert.Equal(["src"], folder.Names);
    }

    [SkippableFact]
    public void A_partial_goes_when_its_source_is_gone_and_not_before()
    {
        using Scene scene = new();
        scene.Sync();
        File.WriteAllText(scene.Destination(".a.memtools-partial"), "of a file that is there");
        File.WriteAllText(scene.Destination(".gone.memtools-partial"), "of a file that is not");
        FolderSyncOptions resume = new() { Delete = true, Tree = new() { File = Everything with { Resume = true } } };
        Assert.Equal(1, scene.Sync(resume).Removed);
        Assert.True(File.Exists(scene.Destination(".a.memtools-partial")));
        Assert.Equal(1, scene.Sync(new() { Delete = true }).Removed);
        scene.AssertEqual();
    }

    [Fact]
    public void Options_that_contradict_each_other_are_refused()
    {
        Assert.Contains("-SkipWhen", new FolderSyncOptions { Tree = new() { File = new() { Preserve = PreserveItems.None } } }.Contradiction, StringComparison.Ordinal);
        Assert.Contains("-Delete", new FolderSyncOptions { MaximumDelete = 1 }.Contradiction, StringComparison.Ordinal);
        Assert.Null(new FolderSyncOptions().Contradiction);
    }

    private static ErrorKind Fails(string source, string destination, FolderSyncOptions options) =>
        Assert.Throws<TransferException>(() => new FolderSyncSession(source, destination, options).Run()).Kind;

    /// <summary>a, dir/b, its second name hard, dir/empty, link: in src, and what becomes of it in dst.</summary>
    private sealed class Scene : IDisposable
    {
        internal Scene()
        {
            Folder.MakeDirectory("src/dir/empty");
            Folder.Write("src/a", [1, 2, 3]);
            Folder.Write("src/dir/b", Content.Random(100_000));
            Folder.Write("src/name \n\u00e9", [4]);
            Tool.RunChecked(Tool.Need("ln", "coreutils"), Source("dir/b"), Source("hard"));
            File.CreateSymbolicLink(Source("link"), "dir/b");
            File.SetLastWriteTimeUtc(Source("a"), new DateTime(1960, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(1234567));
        }

        internal TempDirectory Folder { get; } = new();

        public void Dispose()
        {
            // .NET cannot remove names that are not UTF-8.
            Tool.RunChecked("rm", "-rf", Folder["src"], Folder["dst"]);
            Folder.Dispose();
        }

        internal string Source(string name) => Path.Combine(Folder["src"], name);

        internal string Destination(string name) => Path.Combine(Folder["dst"], name);

        /// <summary>Four names that the source lacks.</summary>
        internal void AddExtras()
        {
            File.WriteAllText(Destination("extra"), "x");
            Directory.CreateDirectory(Destination("more/inner"));
            File.WriteAllText(Destination("more/inner/c"), "x");
        }

        internal FileTransferJobResult Sync(FolderSyncOptions? options = null, Action<TreeOutcome>? item = null)
        {
            options ??= new();
            bool plain = options.Tree == new FolderSyncOptions().Tree;
            FolderSyncOptions used = plain ? options with { Tree = new() { File = Everything } } : options;
            return new FolderSyncSession(Folder["src"], Folder["dst"], used) { Item = item }.Run();
        }

        /// <summary>When each inode of the destination was last touched.</summary>
        internal Dictionary<string, StatxTimestamp> ChangeTimes() => Directory
            .EnumerateFileSystemEntries(Folder["dst"], "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
            .Append(Folder["dst"])
            .ToDictionary(path => path, path => FileFacts.Of(path).ChangeTime);

        /// <summary>By a witness that has nothing to do with this program.</summary>
        internal void AssertEqual()
        {
            string rsync = Tool.Need("rsync", "rsync");
            Assert.Equal(string.Empty, Tool.RunChecked(rsync, "-naicHAX", "--delete", Folder["src"] + "/", Folder["dst"] + "/"));
        }
    }
}
