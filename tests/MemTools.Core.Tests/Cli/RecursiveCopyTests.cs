using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>memtools copy --recursive: the trees of Copy-FileZeroCopy, from any shell.</summary>
public sealed class RecursiveCopyTests
{
    [Theory]
    [InlineData("copy --include x a b")]
    [InlineData("copy --throttle-limit 2 a b")]
    [InlineData("copy --dry-run a b")]
    [InlineData("copy -r --offset 1 a b")]
    [InlineData("copy -r --minimum-size 2 --maximum-size 1 a b")]
    [InlineData("copy -r --throttle-limit 257 a b")]
    [InlineData("copy -r --include [ a b")]
    [InlineData("copy -r --symlink Nope a b")]
    [InlineData("copy -r a b no-directory")]
    public void MisuseExitsWithTwo(string arguments)
    {
        ProcessResult result = ProcessMemTools.Run(arguments.Split(' '));
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("memtools: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotMatch(" -[A-Z]", result.Error);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void ATreeIsCopiedUnderItsNameWithOneLineAnItem()
    {
        using ProcessFolder folder = Build();
        folder.MakeFolder("into");
        ProcessResult result = ProcessMemTools.Copy("-r", "--json", folder["tree"], folder["into"]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(string.Empty, ProcessRun.Require("diff", "-r", folder["tree"], folder["into/tree"]));
        Assert.Equal(
            ["Directory", "Directory", "File", "File", "SymbolicLink"],
            ProcessReport.AllOf(result).Select(report => report.Text("ItemType")).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void FiltersChooseAndADryRunChangesNothing()
    {
        using ProcessFolder folder = Build();
        ProcessResult planned = ProcessMemTools.Copy("-r", "--dry-run", "--include", "*.log", folder["tree"], folder["copy"]);
        Assert.True(planned.ExitCode == 0, planned.ToString());
        Assert.Contains($"would copy {folder["tree/sub/b.log"]} to {folder["copy/sub/b.log"]}\n", planned.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("a.txt", planned.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["copy"]));
        Assert.Equal(0, ProcessMemTools.Copy("-r", "--include", "*.log", folder["tree"], folder["copy"]).ExitCode);
        Assert.Equal(["sub"], Directory.GetFileSystemEntries(folder["copy"]).Select(Path.GetFileName));
    }

    [Fact]
    public void AnItemThatFailsIsToldAndTheRestIsCopied()
    {
        using ProcessFolder folder = Build();
        folder.MakeFolder("into/tree/a.txt");
        ProcessResult result = ProcessMemTools.Copy("-r", "--json", folder["tree"], folder["into"]);
        Assert.Equal(1, result.ExitCode);
        ProcessReport failed = Assert.Single(ProcessReport.AllOf(result), report => report.Status == "Failed");
        Assert.Equal("IsDirectory", failed.ErrorId);
        Assert.Equal(folder["tree/a.txt"], failed.Text("Source"));
        Assert.True(File.Exists(folder["into/tree/sub/b.log"]));
    }

    [Fact]
    public void ADirectoryNeedsTheOption()
    {
        using ProcessFolder folder = Build();
        ProcessResult result = ProcessMemTools.Copy(folder["tree"], folder["copy"]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("--recursive copies trees", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpNamesTheOptionsOfTrees()
    {
        string help = ProcessMemTools.Run("copy", "--help").Output;
        string[] options =
        [
            "--recursive", "--symlink", "--special-file", "--one-file-system", "--include", "--exclude", "--minimum-size",
            "--maximum-size", "--modified-after", "--modified-before", "--throttle-limit", "--dry-run",
        ];
        Assert.All(options, option => Assert.Contains(option, help, StringComparison.Ordinal));
    }

    private static ProcessFolder Build()
    {
        ProcessFolder folder = new();
        folder.MakeFolder("tree/sub");
        folder.Write("tree/a.txt", 1000, seed: 1);
        folder.Write("tree/sub/b.log", 2000, seed: 2);
        File.CreateSymbolicLink(folder["tree/link"], "a.txt");
        return folder;
    }
}
