using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>How a run tells of its work, and by how many it is done.</summary>
public class TreeRunTests
{
    [Fact]
    public void A_plan_names_each_directory_before_what_is_in_it()
    {
        using TempDirectory folder = new();
        for (int i = 0; i < 10; i++)
        {
            folder.MakeDirectory($"source/a{i}/b/c");
            folder.Write($"source/a{i}/b/c/file", "x"u8);
        }

        TreeCopySession session = new(folder["copy"], new() { PlanOnly = true, ThrottleLimit = 8 });
        using TreeTransfer transfer = session.Copy(folder["source"]);
        HashSet<string> named = [];
        foreach (FileTransferResult result in transfer.Outcomes().Select(outcome => outcome.Result!))
        {
            Assert.True(named.Count == 0 || named.Contains(Path.GetDirectoryName(result.Source)!), result.Source);
            named.Add(result.Source);
        }

        Assert.Equal(41, named.Count);
    }

    [Fact]
    public void Progress_knows_the_total_when_a_run_takes_its_time()
    {
        using TempDirectory folder = new();
        const int files = 30;
        const int length = 1000;
        for (int i = 0; i < files; i++)
        {
            folder.MakeDirectory($"source/d{i % 3}");
            folder.Write($"source/d{i % 3}/f{i}", Content.Random(length));
        }

        folder.Write("source/left.out", Content.Random(length));
        using Descriptor source = FileIO.Open(
            Descriptor.WorkingDirectory, NativePath.From(folder["source"]), OpenFlags.ReadOnly | OpenFlags.Directory);
        using Descriptor destination = FileIO.Open(
            Descriptor.WorkingDirectory, NativePath.From(folder.MakeDirectory("copy")), OpenFlags.ReadOnly | OpenFlags.Directory);
        using TreeRun run = new(new() { ThrottleLimit = 1, Exclude = ["*.out"] }, new Slow(), null, default);
        run.Start(new TreeDirectory(run, source, NativePath.From(folder["source"]), destination, NativePath.From(folder["copy"])));
        List<TreeProgress> seen = [];
        foreach (TreeOutcome _ in run.Outcomes(() => seen.Add(run.Totals.Snapshot())))
        {
        }

        TreeProgress told = seen.First(progress => progress.FoundAll);
        Assert.Equal((files, files * length), (told.FilesFound, told.BytesFound));
        Assert.True(told.FilesDone < files);
        Assert.InRange(told.Percent, 0, 99);
        Assert.Contains(seen, progress => progress.Current?.StartsWith(folder["source/d"], StringComparison.Ordinal) == true);
        Assert.Equal((files, files * length), (run.Totals.Snapshot().FilesDone, run.Totals.Snapshot().BytesDone));
    }

    [Fact]
    public void A_worker_is_given_a_directory_that_no_other_works_in_while_there_is_one()
    {
        using TempDirectory folder = new();
        using Descriptor source = FileIO.Open(
            Descriptor.WorkingDirectory, NativePath.From(folder.MakeDirectory("source")), OpenFlags.ReadOnly | OpenFlags.Directory);
        using TreeRun run = new(new(), new(), null, default);
        TreeDirectory root = new(run, source, NativePath.From(folder["source"]), null, NativePath.From(folder["copy"]));
        TreeDirectory one = new(root, NativePath.From("one"), NativePath.From("one"), follow: false);
        TreeDirectory other = new(root, NativePath.From("other"), NativePath.From("other"), follow: false);
        TreeWorker first = new(run, 0);
        TreeWorker second = new(run, 1);
        TreeQueue queue = new();
        queue.Push(new TreeQueue.Step(other, null), new TreeQueue.Step(one, null));

        Assert.Same(one, Take(queue, first));
        queue.Push(new TreeQueue.Step(one, null), new TreeQueue.Step(one, null));
        Assert.Same(other, Take(queue, second));
        Assert.Same(one, Take(queue, first));
        // Rather in the same directory than idle.
        Assert.Same(one, Take(queue, second));
    }

    [Fact]
    public void A_directory_that_is_done_stays_open_while_a_file_of_another_is_linked_to_a_copy_in_it()
    {
        using TempDirectory folder = new();
        _ = folder.MakeDirectory("source/one");
        using Descriptor source = FileIO.Open(
            Descriptor.WorkingDirectory, NativePath.From(folder["source"]), OpenFlags.ReadOnly | OpenFlags.Directory);
        using TreeRun run = new(new(), new(), null, default);
        TreeDirectory root = new(run, source, NativePath.From(folder["source"]), null, NativePath.From(folder["copy"]));
        TreeDirectory one = new(root, NativePath.From("one"), NativePath.From("one"), follow: false);

        Descriptor open;
        using (TreeLease linking = one.Acquire())
        {
            one.Close();
            open = linking.Source;
            Assert.False(open.IsClosed);
        }

        Assert.True(open.IsClosed);
        using TreeLease later = one.Acquire();
        Assert.False(later.Source.IsClosed);
    }

    [Fact]
    public void What_a_reader_was_given_when_there_was_nothing_stays_empty()
    {
        OutcomeQueue queue = new();
        List<TreeOutcome> nothing = queue.Take(TimeSpan.Zero)!;
        queue.Add([new() { Source = "file" }]);
        Assert.Empty(nothing);
        Assert.Single(queue.Take(TimeSpan.Zero)!);
    }

    [Fact]
    public void Directories_that_nobody_works_in_are_closed_when_a_run_ends_before_they_are_done()
    {
        using TempDirectory folder = new();
        _ = folder.MakeDirectory("source/one");
        using Descriptor source = FileIO.Open(
            Descriptor.WorkingDirectory, NativePath.From(folder["source"]), OpenFlags.ReadOnly | OpenFlags.Directory);
        using TreeRun run = new(new(), new(), null, default);
        TreeDirectory root = new(run, source, NativePath.From(folder["source"]), null, NativePath.From(folder["copy"]));
        TreeDirectory one = new(root, NativePath.From("one"), NativePath.From("one"), follow: false);
        Descriptor open;
        using (TreeLease lease = one.Acquire())
            open = lease.Source;
        Assert.False(open.IsClosed);

        run.Budget.CloseAll();
        Assert.True(open.IsClosed);
        Assert.False(source.IsClosed);
    }

    private static TreeDirectory? Take(TreeQueue queue, TreeWorker worker) =>
        queue.TryTake(worker, () => { }, out TreeDirectory? directory, out _, out _) ? directory : null;

    [Fact]
    public void Workers_are_as_many_as_cores_where_no_disk_turns()
    {
        Assert.InRange(WorkerCount.For(), 2, 16);
        // No such devices: tmpfs and the like have a number without a device.
        Assert.Equal(WorkerCount.For(), WorkerCount.For(new Statx { DeviceMinor = 4095 }, default));
    }

    [Theory]
    [InlineData("devices/pci0/ata1/block/sda", "1\n", true)]
    [InlineData("devices/pci0/ata1/block/sda", "0\n", false)]
    [InlineData("devices/pci0/virtio1/block/vda", "1\n", false)]
    public void A_disk_that_turns_is_told_from_others_by_itself_and_by_its_partitions(string disk, string rotational, bool turns)
    {
        using TempDirectory folder = new();
        folder.MakeDirectory(disk + "/queue");
        folder.MakeDirectory(disk + "/partition1");
        File.WriteAllText(folder[disk + "/queue/rotational"], rotational);
        File.CreateSymbolicLink(folder["8:0"], folder[disk]);
        File.CreateSymbolicLink(folder["8:1"], folder[disk + "/partition1"]);
        Assert.Equal(turns, WorkerCount.IsRotating(folder["8:0"]));
        Assert.Equal(turns, WorkerCount.IsRotating(folder["8:1"]));
        Assert.False(WorkerCount.IsRotating(folder["8:2"]));
    }

    /// <summary>Copies as a slow disk does.</summary>
    private sealed class Slow : TreePolicy
    {
        // In the middle of a copy, so that the file shows as the one under way.
        internal override IPieceObserver Observer { get; } = new Pause();

        private sealed class Pause : IPieceObserver
        {
            public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
                Thread.Sleep(100);

            public void Hole(long length)
            {
            }
        }
    }
}
