using System.Text.Json;
using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>memtools compare as a shell sees it: table, JSON lines, messages, exit codes.</summary>
public sealed class CompareTests
{
    [Fact]
    public void TheTableHasEveryMethodAndTheSentences()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 3_000_000, seed: 1);
        ProcessResult result = ProcessMemTools.Run("compare", source, "--count", "2");
        Assert.True(result.ExitCode == 0, result.ToString());
        string[] lines = result.Output.Split('\n');
        Assert.Equal($"{source}: 2.9 MiB, warm, to TCP over lo, median of 2 runs", lines[0]);
        Assert.Matches("^METHOD +RATE +CPU s/GiB +CALLS +SWITCHES/ROUND +TEXTBOOK$", lines[2]);
        Assert.Contains(lines, line => line.StartsWith("Sendfile ", StringComparison.Ordinal) && line.EndsWith(" 2     0/2/2", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("Reflink ", StringComparison.Ordinal) && line.Contains("EINVAL", StringComparison.Ordinal));
        Assert.Contains("Mmap differs from the textbook because:", lines);
        Assert.All(lines.Skip(1), line => Assert.True(line.Length <= 90, line));
    }

    [Fact]
    public void JsonHasOneObjectALineForEachMethodNamed()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 300_000, seed: 1);
        ProcessResult result = ProcessMemTools.Run(
            "compare", "--json", "--count", "1", "--method", "Sendfile,ReadWrite", "--destination", folder.Root, source);
        Assert.True(result.ExitCode == 0, result.ToString());
        JsonElement[] rows = [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal(["Sendfile", "ReadWrite"], rows.Select(row => row.GetProperty("Method").GetString()));
        Assert.All(rows, row => Assert.Equal(300_000, row.GetProperty("Length").GetInt64()));
        Assert.All(rows, row => Assert.Equal("File", row.GetProperty("Target").GetString()));
        Assert.Equal([source], Directory.EnumerateFiles(folder.Root));
    }

    [Theory]
    [InlineData("--to-null", "--to-socket")]
    [InlineData("--to-null", "--destination", "/tmp")]
    [InlineData("--to-null", "--interface", "lo")]
    [InlineData("--count", "0")]
    [InlineData("--method", "Auto")]
    [InlineData("--cache", "Lukewarm")]
    [InlineData("--interface", "no-such-if")]
    [InlineData("--destination", "/no/such/folder/at/all")]
    public void MisuseExitsWith2(params string[] arguments)
    {
        ProcessResult result = ProcessMemTools.Run(["compare", "/etc/passwd", .. arguments]);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("memtools: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void AFileThatFailsIsSaidAndTheOthersAreCompared()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 300_000, seed: 1);
        ProcessResult result = ProcessMemTools.Run(
            "compare", "--json", "--count", "1", "--to-null", "--method", "Sendfile", folder["missing"], folder.Root, source);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("ENOENT", result.Error, StringComparison.Ordinal);
        Assert.Contains("is a directory", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData(ProcessRun.Interrupt, 130)]
    [InlineData(ProcessRun.Terminate, 143)]
    [InlineData(ProcessRun.HangUp, 129)]
    public void ASignalEndsItWithItsExitCodeAndLeavesNothing(int signal, int exitCode)
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 30_000_000, seed: 1);
        using ProcessRun run = ProcessRun.Start(
            [.. ProcessMemTools.Command, "compare", "--count", "10000", "--destination", folder.Root, source]);
        Assert.True(run.WaitUntil(() => run.HasOpen(source)), "It ended before it opened the source.");
        run.Signal(signal);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == exitCode, result.ToString());
        Assert.Contains("stopped", result.Error, StringComparison.Ordinal);
        Assert.Equal([source], Directory.EnumerateFileSystemEntries(folder.Root));
    }
}
