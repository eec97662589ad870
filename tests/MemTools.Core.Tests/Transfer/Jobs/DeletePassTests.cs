using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>Removing: all of what was named or nothing, never through a link, never across a mount.</summary>
public class DeletePassTests
{
    [Fact]
    public void What_was_named_goes_with_all_below_it_and_nothing_else()
    {
        using Scene scene = new();
        scene.Run("a", "dir");
        Assert.Equal(["kept"], scene.Folder.Names);
        Assert.Equal(["a", "dir", "dir/b", "dir/deep", "dir/deep/c"], scene.Removed.Order(StringComparer.Ordinal));
        Assert.Empty(scene.Failed);
    }

    [Theory]
    [InlineData(5, true)]
    [InlineData(4, false)]
    [InlineData(0, false)]
    public void More_than_may_go_does_not_go_at_all(long most, bool goes)
    {
        using Scene scene = new() { Limit = most };
        if (goes)
        {
            scene.Run("a", "dir");
            Assert.Equal(["kept"], scene.Folder.Names);
            return;
        }

        TransferException error = Assert.Throws<TransferException>(() => scene.Run("a", "dir"));
        Assert.Equal(ErrorKind.DeletionRefused, error.Kind);
        Assert.Equal(["a", "dir", "kept"], scene.Folder.Names);
        Assert.Empty(scene.Removed);
    }

    [Fact]
    public void A_link_goes_and_what_it_leads_to_stays()
    {
        using Scene scene = new();
        using TempDirectory outside = new();
        outside.Write("file", [1]);
        File.CreateSymbolicLink(scene.Folder["dir/link"], outside.Path);
        File.CreateSymbolicLink(scene.Folder["link"], outside["file"]);
        scene.Run("dir", "link");
        Assert.Equal(["a", "kept"], scene.Folder.Names);
        Assert.Equal(["file"], outside.Names);
    }

    [Fact]
    public void A_directory_that_became_a_link_leads_nowhere()
    {
        using Scene scene = new();
        using TempDirectory outside = new();
        outside.Write("b", [1]);
        Directory.Move(scene.Folder["dir"], scene.Folder["moved"]);
        File.CreateSymbolicLink(scene.Folder["dir"], outside.Path);
        scene.Run("dir/b");
        Assert.Equal(["b"], outside.Names);
        Assert.Empty(scene.Removed);
        Assert.Equal(["ENOTDIR"], scene.Failed.Select(error => error.ErrorName));
    }

    [SkippableFact]
    public void A_mount_is_not_crossed()
    {
        using Scene scene = new();
        using (Machine.Mount(scene.Folder["dir/deep"], "-t", "tmpfs", "tmpfs"))
        {
            scene.Folder.Write("dir/deep/other", [1]);
            scene.Run("dir");
            Assert.True(File.Exists(scene.Folder["dir/deep/other"]));
            Assert.Equal(["EBUSY"], scene.Failed.Select(error => error.ErrorName));
            Assert.Equal(["dir/b"], scene.Removed);
        }
    }

    [SkippableFact]
    public void A_binding_of_the_same_file_system_is_not_crossed()
    {
        using Scene scene = new();
        using TempDirectory other = new();
        other.Write("file", [1]);
        using (Machine.Mount(scene.Folder["dir/deep"], "--bind", other.Path))
        {
            scene.Run("dir", "dir/deep/file");
            Assert.Equal(["file"], other.Names);
            Assert.Equal(["EBUSY", "EXDEV"], scene.Failed.Select(error => error.ErrorName));
        }
    }

    [Fact]
    public void What_a_filter_keeps_stays_with_the_directories_above_it()
    {
        using Scene scene = new() { Protected = "dir/deep/c" };
        scene.Run("a", "dir");
        Assert.True(File.Exists(scene.Folder["dir/deep/c"]));
        Assert.Equal(["a", "dir/b"], scene.Removed.Order(StringComparer.Ordinal));
        Assert.Empty(scene.Failed);
    }

    [Fact]
    public void What_is_not_approved_stays()
    {
        using Scene scene = new() { Refused = "dir" };
        scene.Run("a", "dir");
        Assert.Equal(["dir", "kept"], scene.Folder.Names);
        Assert.True(File.Exists(scene.Folder["dir/deep/c"]));
    }

    [Fact]
    public void What_is_gone_already_is_no_failure()
    {
        using Scene scene = new();
        scene.Run("none", "dir/none");
        Assert.Empty(scene.Failed);
        Assert.Empty(scene.Removed);
    }

    [SkippableFact]
    public void What_will_not_go_is_told_and_the_rest_goes()
    {
        Machine.NeedRoot();
        Tool.Need("chattr", "e2fsprogs");
        using Scene scene = new();
        Skip.IfNot(Tool.Run("chattr", "+i", scene.Folder["dir/b"]).ExitCode == 0, "this file system has no immutable files");
        try
        {
            scene.Run("a", "dir");
            Assert.Equal(["a", "dir/deep", "dir/deep/c"], scene.Removed.Order(StringComparer.Ordinal));
            Assert.Equal("EPERM", scene.Failed[0].ErrorName);
        }
        finally
        {
            Tool.RunChecked("chattr", "-i", scene.Folder["dir/b"]);
        }
    }

    [Fact]
    public void A_tree_deeper_than_a_stack_goes()
    {
        const int levels = 1200;
        using Scene scene = new();
        string level = "cd dir/deep && i=0; while [ $i -lt " + levels + " ]; do mkdir d && cd -P d || exit 1; i=$((i+1)); done";
        Tool.RunChecked("sh", "-c", $"cd '{scene.Folder.Path}' && {level}");
        Exception? failure = null;
        // As little as a thread can have: with a frame a level it would end the process.
        Thread thread = new(() => failure = Record.Exception(() => scene.Run("dir")), 192 * 1024);
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        Assert.Equal(["a", "kept"], scene.Folder.Names);
        Assert.Equal(levels + 4, scene.Removed.Count);
    }

    [Fact]
    public void A_directory_that_becomes_a_link_meanwhile_leads_nowhere()
    {
        using Scene scene = new();
        using TempDirectory outside = new();
        string[] names = [.. Enumerable.Range(0, 50).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture))];
        foreach (string name in names)
            outside.Write(name, [1]);
        string swapped = scene.Folder["dir/deep"];
        using CancellationTokenSource end = new();
        Thread hammer = new(() =>
        {
            while (!end.IsCancellationRequested)
                Swap(swapped, scene.Folder["away"], outside.Path);
        });
        hammer.Start();
        try
        {
            for (int round = 0; round < ProcessRepeats.SwappedDirectories; round++)
            {
                foreach (string name in names)
                    WriteIfThere(Path.Combine(scene.Folder["away"], name));
                scene.Run([.. names.Select(name => "dir/deep/" + name)]);
            }
        }
        finally
        {
            end.Cancel();
            hammer.Join();
        }

        Assert.Equal(names.Order(StringComparer.Ordinal), outside.Names.Order(StringComparer.Ordinal));
    }

    /// <summary>The directory goes away, a link to the outside takes its place, and back.</summary>
    private static void Swap(string directory, string away, string outside)
    {
        Directory.Move(directory, away);
        File.CreateSymbolicLink(directory, outside);
        Thread.SpinWait(1000);
        File.Delete(directory);
        Directory.Move(away, directory);
    }

    private static void WriteIfThere(string path)
    {
        try
        {
            File.WriteAllBytes(path, [1]);
        }
        catch (IOException)
        {
            // At this moment it is where it belongs.
        }
    }

    [Fact]
    public void A_stop_ends_it()
    {
        using Scene scene = new();
        using CancellationTokenSource stop = new();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => scene.Run(stop.Token, "a"));
        Assert.Contains("a", scene.Folder.Names);
    }

    /// <summary>kept, a, dir/b, dir/deep/c: and whom the pass tells.</summary>
    private sealed class Scene : DeleteRules, IDisposable
    {
        internal Scene()
        {
            Folder.Write("kept", [1]);
            Folder.Write("a", [1]);
            Folder.MakeDirectory("dir/deep");
            Folder.Write("dir/b", [1]);
            Folder.Write("dir/deep/c", [1]);
        }

        internal TempDirectory Folder { get; } = new();

        internal long Limit { get; init; } = long.MaxValue;

        internal string? Protected { get; init; }

        internal string? Refused { get; init; }

        internal List<string> Removed { get; } = [];

        internal List<SystemCallException> Failed { get; } = [];

        internal override long Most => Limit;

        public void Dispose() => Folder.Dispose();

        internal void Run(params string[] extras) => Run(CancellationToken.None, extras);

        internal void Run(CancellationToken stop, params string[] extras)
        {
            using Descriptor root = FileFacts.Open(Folder.Path, OpenFlags.ReadOnly);
            DeletePass pass = new(root, NativePath.From(Folder.Path), this, stop);
            foreach (string extra in extras)
                pass.Add(NativePath.From(extra));
            pass.Run();
        }

        internal override bool Approves(NativePath path) => path.ToString() != Path.Combine(Folder.Path, Refused ?? "-");

        internal override bool IsProtected(NativePath relative, in Statx status) => relative.ToString() == Protected;

        internal override void OnRemoved(NativePath path, in Statx status) =>
            Removed.Add(Path.GetRelativePath(Folder.Path, path.ToString()));

        internal override void OnFailed(NativePath path, SystemCallException error) => Failed.Add(error);
    }
}
