using System.Globalization;
using MemTools.Kernel;
using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Faults;

/// <summary>Jobs that are killed, stopped or run out of room, and what the next run makes of what they left.</summary>
public sealed class KilledJobTests(ITestOutputHelper output)
{
    private const int LongestWaitMilliseconds = 250;

    [SkippableFact]
    public void Killed_at_any_moment_a_job_goes_on_to_an_equal_tree()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        using ProcessFolder folder = new();
        Tree tree = new(folder);
        int inTheMiddle = 0;
        for (int i = 0; i < ProcessRepeats.KilledJobs; i++)
        {
            tree.Clear();
            // Some are so slow that a file is still under way when they are killed, so that half at least are hit in the middle
            // of one.
            inTheMiddle += (i % 2 == 0 ? tree.SyncAndKillInTheMiddle() : tree.SyncAndKill(random.Next(LongestWaitMilliseconds))) ? 1 : 0;
            tree.SyncToTheEnd($"seed {seed}, kill {i}");
        }

        output.WriteLine($"{ProcessRepeats.KilledJobs} killed, {inTheMiddle} of them in the middle of a file");
        Assert.True(2 * inTheMiddle >= ProcessRepeats.KilledJobs, $"Only {inTheMiddle} of {ProcessRepeats.KilledJobs} jobs were killed in the middle of a copy.");
    }

    [SkippableFact]
    public void A_job_without_room_goes_on_when_there_is_some()
    {
        Machine.NeedRoot();
        int seed = Environment.TickCount;
        Random random = new(seed);
        using ProcessFolder folder = new();
        Tree tree = new(folder);
        for (int i = 0; i < ProcessRepeats.FullDestinations; i++)
        {
            string target = folder.MakeFolder("full" + i.ToString(CultureInfo.InvariantCulture));
            long room = random.Next(2, 40) * 1024L * 1024;
            using IDisposable mount = Machine.Mount(target, "-t", "tmpfs", "-o", $"size={room}", "tmpfs");
            ProcessResult full = ProcessMemTools.Run(["sync", tree.Source, target, .. Tree.Options]);
            Assert.True(full.ExitCode == 1, $"seed {seed}, room {room}: {full}");
            Assert.Contains("ENOSPC", full.Error, StringComparison.Ordinal);
            Tool.RunChecked("mount", "-o", "remount,size=200m", target);
            tree.SyncToTheEnd($"seed {seed}, room {room}", target);
        }
    }

    [SkippableTheory]
    [InlineData(ProcessRun.Interrupt)]
    [InlineData(ProcessRun.Terminate)]
    [InlineData(ProcessRun.HangUp)]
    public void A_signal_ends_a_job_with_its_own_exit_code(int signal)
    {
        using ProcessFolder folder = new();
        Tree tree = new(folder);
        using ProcessRun run = tree.Start("--bandwidth-limit", "1000000");
        Assert.True(run.WaitUntil(tree.IsInTheMiddle), "It ended before the signal.");
        run.Signal(signal);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 128 + signal, result.ToString());
        Assert.Contains("memtools: stopped", result.Error, StringComparison.Ordinal);
        Assert.Contains("\"Stopped\"", File.ReadLines(tree.Log).Last(), StringComparison.Ordinal);
        Assert.Empty(ProcessFolder.Temporaries(tree.Destination));
        tree.SyncToTheEnd("after the signal");
    }

    [SkippableFact]
    public void A_signal_ends_the_removal_too()
    {
        Tracer.SkipWhereUnusable();
        using ProcessFolder folder = new();
        string source = folder.MakeFolder("from");
        folder.Write("from/file", 1000, seed: 1);
        folder.MakeFolder("to");
        string extra = folder.MakeFolder("to/extra");
        for (int i = 0; i < 1000; i++)
            folder.Write($"to/extra/{i}", 1, seed: i);
        // Each name takes 50 ms, all of them far longer than the signal. -D: the job is the child, not strace.
        string[] slowly = ["strace", "-D", "-f", "-o", "/dev/null", "-e", "trace=unlinkat", "-e", "inject=unlinkat:delay_enter=50000"];
        using ProcessRun run = ProcessRun.Start(
            [.. slowly, .. ProcessMemTools.Command, "sync", source, folder["to"], "--delete", "--log", folder["job.log"]]);
        Assert.True(run.WaitUntil(() => Directory.GetFiles(extra).Length < 1000), "It ended before the signal.");
        run.Signal(ProcessRun.Terminate);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 128 + ProcessRun.Terminate, result.ToString());
        Assert.NotEmpty(Directory.GetFiles(extra));
        string[] log = File.ReadAllLines(folder["job.log"]);
        Assert.Contains("\"Stopped\"", log[^1], StringComparison.Ordinal);
        int told = log.Count(line => line.Contains("\"Removed\"", StringComparison.Ordinal));
        Assert.Equal(1000 - Directory.GetFiles(extra).Length, told);
    }

    [SkippableFact]
    public void Of_two_jobs_one_waits_or_fails()
    {
        using ProcessFolder folder = new();
        Tree tree = new(folder);
        using ProcessRun first = tree.Start("--bandwidth-limit", "1000000");
        Assert.True(first.WaitUntil(tree.IsInTheMiddle), "It ended too early.");
        ProcessResult second = ProcessMemTools.Run(["sync", tree.Source, tree.Destination, "--no-wait", .. Tree.Options]);
        Assert.True(second.ExitCode == 2, second.ToString());
        Assert.Contains("Another job", second.Error, StringComparison.Ordinal);
        using ProcessRun third = tree.Start();
        first.KillIfRunning();
        first.Wait();
        ProcessResult waited = third.Wait();
        Assert.True(waited.ExitCode == 0, waited.ToString());
        tree.AssertEqual("after the wait", tree.Destination);
    }

    [SkippableFact]
    public void The_limit_on_bandwidth_is_never_passed()
    {
        using ProcessFolder folder = new();
        string source = folder.MakeFolder("from");
        for (int i = 0; i < 8; i++)
            folder.Write($"from/{i}", 500_000, seed: i);
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        ProcessResult result = ProcessMemTools.Run("sync", source, folder["to"], "--bandwidth-limit", "2000000", "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.True(watch.Elapsed.TotalSeconds >= 1.95, $"4,000,000 bytes took {watch.Elapsed.TotalSeconds} s at 2,000,000 a second.");
    }

    [SkippableFact]
    public void A_transient_error_is_tried_again_by_the_same_method()
    {
        Tracer.SkipWhereUnusable();
        using ProcessFolder folder = new();
        string source = folder.MakeFolder("from");
        folder.Write("from/file", 100_000, seed: 1);
        string[] strace = ["strace", "-f", "-o", folder["strace.log"], "-e", "trace=sendfile", "-e", "inject=sendfile:error=EIO:when=1..2"];
        string[] job = ["sync", source, folder["to"], "--method", "Sendfile", "--retry-interval-sec", "0", "--json"];
        ProcessResult failed = ProcessRun.Execute([.. strace, .. ProcessMemTools.Command, .. job, "--maximum-retry-count", "1"]);
        Assert.True(failed.ExitCode == 1, failed.ToString());
        Assert.Contains("EIO", failed.Error, StringComparison.Ordinal);
        ProcessResult done = ProcessRun.Execute([.. strace, .. ProcessMemTools.Command, .. job, "--maximum-retry-count", "2"]);
        Assert.True(done.ExitCode == 0, done.ToString());
        Assert.Contains("\"Retries\":2", done.Output, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(folder["from/file"]), ProcessFolder.Hash(folder["to/file"]));
    }

    [SkippableFact]
    public void A_source_that_cannot_be_read_whole_removes_nothing()
    {
        using OtherUser user = new();
        string source = user.MakeFolder("from", "root", "755");
        OtherUser.Own(user.Folder.Write("from/file", 1000, seed: 1), "root", "644");
        string destination = user.MakeFolder("to", OtherUser.Id.ToString(CultureInfo.InvariantCulture), "755");
        user.MakeFolder("from/closed", "root", "700");
        user.Write("to/extra", OtherUser.Id.ToString(CultureInfo.InvariantCulture), "644");
        ProcessResult result = user.Run("sync", source, destination, "--delete");
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("EACCES", result.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was removed", result.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(destination, "extra")));
        Assert.True(File.Exists(Path.Combine(destination, "file")));
    }

    /// <summary>A few large files and some small ones, and what becomes of them.</summary>
    private sealed class Tree
    {
        internal static readonly string[] Options = ["--preserve", "All", "--resume", "--delete", "--quiet"];

        private readonly ProcessFolder _folder;

        internal Tree(ProcessFolder folder)
        {
            _folder = folder;
            Tool.Need("rsync", "rsync");
            Source = folder.MakeFolder("source");
            folder.MakeFolder("source/small");
            for (int i = 0; i < 3; i++)
                folder.Write($"source/large{i}", 24 * 1024 * 1024, seed: i);
            for (int i = 0; i < 200; i++)
                folder.Write($"source/small/{i}", 3000, seed: i);
        }

        internal string Source { get; }

        internal string Destination => _folder["destination"];

        internal string Log => _folder["job.log"];

        internal void Clear()
        {
            if (Directory.Exists(Destination))
                Directory.Delete(Destination, recursive: true);
        }

        internal ProcessRun Start(params string[] more) => ProcessRun.Start(
            [.. ProcessMemTools.Command, "sync", Source, Destination, "--log", Log, .. Options, .. more]);

        internal bool IsInTheMiddle() => Partials().Any(partial => ProcessFolder.LengthOf(partial) > 0);

        /// <summary>True where a file was being copied when the job died.</summary>
        internal bool SyncAndKill(int wait)
        {
            using ProcessRun run = Start();
            run.WaitUntil(() => Directory.Exists(Destination));
            Thread.Sleep(wait);
            return Kill(run);
        }

        internal bool SyncAndKillInTheMiddle()
        {
            using ProcessRun run = Start("--bandwidth-limit", "10000000");
            run.WaitUntil(IsInTheMiddle);
            return Kill(run);
        }

        private bool Kill(ProcessRun run)
        {
            run.KillIfRunning();
            run.Wait();
            return Partials().Length > 0;
        }

        internal void SyncToTheEnd(string when, string? destination = null)
        {
            destination ??= Destination;
            ProcessResult result = ProcessMemTools.Run(["sync", Source, destination, .. Options]);
            Assert.True(result.ExitCode == 0, $"{when}: {result}");
            AssertEqual(when, destination);
        }

        internal void AssertEqual(string when, string destination)
        {
            string difference = ProcessRun.Require("diff", "-r", Source, destination)
                + ProcessRun.Require("rsync", "-naicHAX", "--delete", Source + "/", destination + "/");
            Assert.True(difference.Length == 0, $"{when}: {difference}");
        }

        private string[] Partials() => Directory.Exists(Destination)
            ? Directory.GetFiles(Destination, ".*.memtools-partial", new EnumerationOptions { AttributesToSkip = 0 })
            : [];
    }
}
