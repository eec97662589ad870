using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Pipes whose other end goes away, and standard output that takes nothing.</summary>
public sealed class ClosedEndTests
{
    [Theory]
    [InlineData("Auto")]
    [InlineData("Sendfile")]
    [InlineData("Splice")]
    [InlineData("Mmap")]
    [InlineData("ReadWrite")]
    public void AReaderThatGoesAwayIsAnError(string method)
    {
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        string source = folder.Write("source", 4_000_000, seed: 1);
        ProcessRun.Require("mkfifo", fifo);
        using ProcessRun reader = ProcessRun.Start(["head", "-c", "1000", fifo]);
        ProcessResult result = ProcessMemTools.Copy("--method", method, "--json", source, fifo);
        Assert.True(result.ExitCode == 1, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal("Disconnected", report.ErrorId);
        Assert.Equal("EPIPE", report.ErrorName);
        Assert.Contains(": EPIPE", result.Error, StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("Auto", "splice")]
    [InlineData("Auto", "sendfile")]
    [InlineData("Splice", "splice")]
    [InlineData("ReadWrite", "read")]
    public void APipeThatIsNotReadyIsWaitedFor(string method, string call)
    {
        Tracer.SkipWhereUnusable();
        using ProcessFolder folder = new();
        string fifo = folder["fifo"];
        string source = folder.Write("source", 500_000, seed: 1);
        ProcessRun.Require("mkfifo", fifo);
        using ProcessRun writer = ProcessRun.Start(["sh", "-c", $"exec cat {source} > {fifo}"]);
        (ProcessResult result, SystemCallLog log) = Tracer.CopyOn(
            folder, [fifo], [$"{call}:error=EAGAIN:when=1"], "--method", method, fifo, folder["copy"]);
        Skip.If(log.Calls.All(made => made.Name != call), $"{method} does not come to {call} on this kernel.");
        Assert.Contains(log.Injected, hit => hit.Name == call);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(folder["copy"]));
    }

    [Theory]
    [InlineData("--json")]
    [InlineData("--verbose")]
    public void AReaderOfTheTableThatGoesAwayDoesNotStopTheCopies(string option)
    {
        using ProcessFolder folder = new();
        string first = folder.Write("first", 1000, seed: 1);
        string second = folder.Write("second", 1000, seed: 2);
        string target = folder.MakeFolder("out");
        string line = $"{ProcessMemTools.ShellCommand} copy {option} {first} {second} {target} | head -c 0; echo ${{PIPESTATUS[0]}}";
        ProcessResult result = ProcessRun.Execute("bash", "-c", line);
        Assert.Equal("0\n", result.Output);
        Assert.Equal(ProcessFolder.Hash(first), ProcessFolder.Hash(Path.Combine(target, "first")));
        Assert.Equal(ProcessFolder.Hash(second), ProcessFolder.Hash(Path.Combine(target, "second")));
    }

    [Theory]
    [InlineData(">&-", "--json")]
    [InlineData(">&-", "--sparse=Auto")]
    [InlineData("> /dev/full", "--json")]
    [InlineData("> /dev/full", "--sparse=Auto")]
    public void OutputThatCannotBeWrittenIsAnErrorAfterTheCopy(string redirection, string option)
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 1000, seed: 1);
        ProcessResult result = ProcessRun.Execute(
            "bash", "-c", $"{ProcessMemTools.ShellCommand} copy {option} {source} {folder["copy"]} {redirection}");
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.StartsWith("memtools: standard output", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(folder["copy"]));
    }

    [Theory]
    [InlineData("2>&-")]
    [InlineData("2> /dev/full")]
    [InlineData("<&- >&- 2>&-")]
    public void ErrorsThatCannotBeWrittenLeaveTheExitCodeAsItIs(string redirection)
    {
        using ProcessFolder folder = new();
        ProcessResult result = ProcessRun.Execute(
            "bash", "-c", $"{ProcessMemTools.ShellCommand} copy {folder["missing"]} {folder["copy"]} {redirection}");
        Assert.Equal(1, result.ExitCode);
    }
}
