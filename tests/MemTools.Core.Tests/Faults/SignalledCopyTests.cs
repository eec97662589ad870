using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Signals in the middle of a copy: everything is put in order, and the exit code says which one it was.</summary>
public sealed class SignalledCopyTests
{
    /// <summary>Sparse, so that it costs nothing; large enough to last until the signal comes.</summary>
    private const long LargeLength = 2L << 30;

    /// <summary>A length that nobody reads to its end.</summary>
    private const long EndlessLength = 1L << 40;

    public static TheoryData<int, string> SignalsAndMethods
    {
        get
        {
            TheoryData<int, string> cases = [];
            foreach (int signal in (int[])[ProcessRun.Interrupt, ProcessRun.Terminate, ProcessRun.HangUp])
                cases.Add(signal, "ReadWrite");
            foreach (string method in (string[])["Sendfile", "Splice", "Mmap"])
                cases.Add(ProcessRun.Terminate, method);
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(SignalsAndMethods))]
    public void InTheMiddleOfALargeFile(int signal, string method)
    {
        using ProcessFolder folder = new();
        string source = folder["source"];
        using (FileStream file = File.Create(source))
            file.SetLength(LargeLength);
        StopsCleanly(folder, signal, ["--sparse", "Never", "--method", method, source], InTheMiddle);
    }

    [Theory]
    [InlineData(ProcessRun.Interrupt)]
    [InlineData(ProcessRun.Terminate)]
    [InlineData(ProcessRun.HangUp)]
    public void InTheMiddleOfAnEndlessDevice(int signal)
    {
        using ProcessFolder folder = new();
        StopsCleanly(folder, signal, ["/dev/zero"], InTheMiddle);
    }

    [Theory]
    [InlineData(ProcessRun.Interrupt)]
    [InlineData(ProcessRun.Terminate)]
    [InlineData(ProcessRun.HangUp)]
    public void WhileAFifoHasNoWriter(int signal)
    {
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        ProcessRun.Require("mkfifo", fifo);
        StopsCleanly(folder, signal, [fifo], (run, _) => run.HasOpen(fifo));
    }

    [Theory]
    [InlineData(ProcessRun.Interrupt)]
    [InlineData(ProcessRun.Terminate)]
    [InlineData(ProcessRun.HangUp)]
    public void WhileAFifoHasNoReader(int signal)
    {
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        string source = folder.Write("source", 1000, seed: 1);
        ProcessRun.Require("mkfifo", fifo);
        using ProcessRun run = ProcessMemTools.StartCopy(source, fifo);
        Assert.True(run.WaitUntil(() => run.HasOpen(source)));
        run.Signal(signal);
        AssertStopped(run.Wait(), signal);
    }

    [Fact]
    public void WhileAFifoIsFull()
    {
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        ProcessRun.Require("mkfifo", fifo);
        // Opened for both, a FIFO needs no other end; nobody ever reads what it holds.
        using FileStream reader = new(fifo, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using ProcessRun run = ProcessMemTools.StartCopy("/dev/zero", fifo);
        Assert.True(run.WaitUntil(() => run.HasOpen(fifo)));
        run.Signal(ProcessRun.Terminate);
        AssertStopped(run.Wait(), ProcessRun.Terminate);
    }

    [Fact]
    public void InPlaceTheDestinationIsIncompleteAndTheErrorSaysSo()
    {
        using ProcessFolder folder = new();
        string destination = folder.Write("destination", 1000, seed: 2);
        string identity = ProcessFolder.Identity(destination);
        using ProcessRun run = ProcessMemTools.StartCopy("--in-place", "/dev/zero", destination);
        Assert.True(run.WaitUntil(() => new FileInfo(destination).Length > 1000));
        run.Signal(ProcessRun.Interrupt);
        ProcessResult result = run.Wait();
        AssertStopped(result, ProcessRun.Interrupt);
        Assert.Contains("incomplete", result.Error, StringComparison.Ordinal);
        Assert.Equal(identity, ProcessFolder.Identity(destination));
    }

    [Fact]
    public void WhileItVerifies()
    {
        using ProcessFolder folder = new();
        string source = folder["source"];
        using (FileStream file = File.Create(source))
            file.SetLength(EndlessLength);
        // All of it is a hole, which is copied at once and compared for hours.
        StopsCleanly(folder, ProcessRun.Terminate, ["--verify", "Compare", source], (run, target) =>
            ProcessFolder.Temporaries(target).Any(temporary => ProcessFolder.LengthOf(temporary) == EndlessLength));
    }

    [Fact]
    public void FilesCopiedBeforeTheSignalStay()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("first", 1000, seed: 1);
        string target = folder.MakeFolder("out");
        using ProcessRun run = ProcessMemTools.StartCopy(source, "/dev/zero", target);
        Assert.True(run.WaitUntil(() => File.Exists(Path.Combine(target, "first")) && run.HasOpen("/dev/zero")));
        run.Signal(ProcessRun.Interrupt);
        AssertStopped(run.Wait(), ProcessRun.Interrupt);
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(Path.Combine(target, "first")));
        Assert.False(File.Exists(Path.Combine(target, "zero")));
    }

    [Fact]
    public void AHangUpThatTheCallerIgnoresIsIgnored()
    {
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        ProcessRun.Require("mkfifo", fifo);
        string destination = folder["destination"];
        // As nohup(1) starts it.
        string line = $"trap '' HUP; exec {ProcessMemTools.ShellCommand} copy {fifo} {destination}";
        using ProcessRun run = ProcessRun.Start(["sh", "-c", line]);
        Assert.True(run.WaitUntil(() => run.HasOpen(fifo)));
        run.Signal(ProcessRun.HangUp);
        File.WriteAllText(fifo, "content");
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("content", File.ReadAllText(destination));
    }

    private static bool InTheMiddle(ProcessRun run, string target) =>
        ProcessFolder.Temporaries(target).Any(temporary => ProcessFolder.LengthOf(temporary) > 0);

    /// <summary>Copies over an existing file, sends the signal when it is time, and checks what is left.</summary>
    private static void StopsCleanly(ProcessFolder folder, int signal, string[] arguments, Func<ProcessRun, string, bool> isTime)
    {
        string target = folder.MakeFolder("out");
        string destination = folder.Write("out/destination", 1000, seed: 2);
        string hash = ProcessFolder.Hash(destination);
        string identity = ProcessFolder.Identity(destination);
        using ProcessRun run = ProcessMemTools.StartCopy([.. arguments, destination]);
        Assert.True(run.WaitUntil(() => isTime(run, target)), "It ended before the signal.");
        run.Signal(signal);
        AssertStopped(run.Wait(), signal);
        Assert.Equal(hash, ProcessFolder.Hash(destination));
        Assert.Equal(identity, ProcessFolder.Identity(destination));
        Assert.Empty(ProcessFolder.Temporaries(target));
    }

    private static void AssertStopped(ProcessResult result, int signal)
    {
        Assert.True(result.ExitCode == 128 + signal, result.ToString());
        // Death by the signal has the same exit code; only a command that cleaned up says that it stopped.
        Assert.Contains("memtools: stopped", result.Error, StringComparison.Ordinal);
    }
}
