using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>What memtools makes of its arguments.</summary>
public sealed class ArgumentTests
{
    [Theory]
    [InlineData("")]
    [InlineData("bogus")]
    [InlineData("copy")]
    [InlineData("copy only-one")]
    [InlineData("copy --bogus a b")]
    [InlineData("copy --method Nope a b")]
    [InlineData("copy --method Reflink --sparse Always a b")]
    [InlineData("copy --in-place --require-atomic a b")]
    [InlineData("copy --in-place --no-clobber a b")]
    [InlineData("copy --offset -1 a b")]
    [InlineData("copy --length -1 a b")]
    [InlineData("copy --length many a b")]
    [InlineData("copy --preserve Mode,Colour a b")]
    [InlineData("copy --preserve 3 a b")]
    [InlineData("copy a b no-directory")]
    [InlineData("completions")]
    [InlineData("completions csh")]
    public void MisuseExitsWithTwoAndASentence(string arguments)
    {
        ProcessResult result = ProcessMemTools.Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.StartsWith("memtools: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
        // Names of .NET's own, which mean nothing to a user of a shell.
        Assert.DoesNotContain("System.", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("MemTools.", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Fact]
    public void AnEmptyDestinationIsMisuse()
    {
        ProcessResult result = ProcessMemTools.Copy("/etc/hostname", string.Empty);
        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Equal("memtools: A path cannot be empty.\n", result.Error);
    }

    [Fact]
    public void ContradictionsAreToldInTheWordsOfTheCommandLine()
    {
        ProcessResult result = ProcessMemTools.Copy("--in-place", "--require-atomic", "a", "b");
        Assert.Contains("--in-place and --require-atomic", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void HelpNamesEveryOption()
    {
        ProcessResult result = ProcessMemTools.Run("copy", "--help");
        Assert.Equal(0, result.ExitCode);
        string[] options =
        [
            "--method", "--offset", "--length", "--force", "--no-clobber", "--in-place", "--require-atomic", "--preserve",
            "--sparse", "--verify", "--flush", "--cache-policy", "--require-stable", "--json", "--quiet", "--verbose",
        ];
        Assert.All(options, option => Assert.Contains(option, result.Output, StringComparison.Ordinal));
        string[] values = ["Auto|CopyFileRange|DirectIO|Mmap|ReadWrite|Reflink|Sendfile|Splice", "Compare|None|Sha256", "HardLinks"];
        Assert.All(values, value => Assert.Contains(value, result.Output, StringComparison.Ordinal));
    }

    [Fact]
    public void OneSourceThatFailsDoesNotStopTheOthers()
    {
        using ProcessFolder folder = new();
        string first = folder.Write("first", 1000, seed: 1);
        string last = folder.Write("last", 1000, seed: 2);
        string target = folder.MakeFolder("out");
        ProcessResult result = ProcessMemTools.Copy("--json", first, folder["missing"], last, target);
        Assert.Equal(1, result.ExitCode);
        ProcessReport[] reports = ProcessReport.AllOf(result);
        Assert.Equal(["Copied", "Failed", "Copied"], reports.Select(report => report.Status));
        Assert.Equal("NotFound", reports[1].ErrorId);
        Assert.Contains($"openat: ENOENT on '{folder["missing"]}'", result.Error, StringComparison.Ordinal);
        Assert.Equal(ProcessFolder.Hash(last), ProcessFolder.Hash(Path.Combine(target, "last")));
    }

    [Fact]
    public void TwoSourcesOfOneNameDoNotOverwriteEachOther()
    {
        using ProcessFolder folder = new();
        folder.MakeFolder("one");
        folder.MakeFolder("two");
        string first = folder.Write("one/name", 1000, seed: 1);
        string second = folder.Write("two/name", 1000, seed: 2);
        string target = folder.MakeFolder("out");
        ProcessResult result = ProcessMemTools.Copy("--json", first, second, target);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("WouldOverwrite", ProcessReport.AllOf(result)[1].ErrorId);
        Assert.Equal(ProcessFolder.Hash(first), ProcessFolder.Hash(Path.Combine(target, "name")));
    }

    [Fact]
    public void QuietSaysNothingOfWhatWentWell()
    {
        using ProcessFolder folder = new();
        ProcessResult result = ProcessMemTools.Copy("--quiet", folder.Write("source", 1000, seed: 1), folder["copy"]);
        Assert.Equal(new ProcessResult(0, string.Empty, string.Empty), result);
        Assert.True(File.Exists(folder["copy"]));
    }

    [Fact]
    public void VerboseSaysWhichMethodsWerePassedOver()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", 1000, seed: 1);
        ProcessResult result = ProcessMemTools.Copy("--verbose", "--sparse", "Always", source, folder["copy"]);
        Assert.Equal(0, result.ExitCode);
        foreach (string method in (string[])["Reflink", "CopyFileRange", "Sendfile", "Splice"])
            Assert.Contains($"{method} was passed over", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void TheTableHasOneHeadingAndALineForEachFile()
    {
        using ProcessFolder folder = new();
        string first = folder.Write("first", 1000, seed: 1);
        string second = folder.Write("second", 2048, seed: 2);
        string target = folder.MakeFolder("out");
        ProcessResult result = ProcessMemTools.Copy("--method", "ReadWrite", first, second, target);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Matches("^METHOD +SIZE +RATE +TIME +CALLS +REPLACED +DESTINATION$", lines[0]);
        Assert.Matches($"^ReadWrite .* New +{target}/first$", lines[1]);
        Assert.Matches($"^ReadWrite .* 2.* New +{target}/second$", lines[2]);
    }
}
