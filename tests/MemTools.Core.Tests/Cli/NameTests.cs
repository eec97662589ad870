using System.Text;
using MemTools.Tests.Support;

namespace MemTools.Tests.Cli;

/// <summary>Names that are trouble in a shell, on a file system or in .NET.</summary>
public sealed class NameTests
{
    [Theory]
    [InlineData("two\nlines")]
    [InlineData("tab\tand \\backslash")]
    [InlineData("\u001b[31mred")]
    [InlineData("'quotes\" $(echo) `echo` *?[a]")]
    [InlineData(" ")]
    [InlineData("ünïcödé 文件 🗂")]
    [InlineData("...")]
    public void AreCopiedAsTheyAre(string name)
    {
        using ProcessFolder folder = new();
        string source = folder.Write(name, 1000, seed: 1);
        string target = folder.MakeFolder("out");
        ProcessResult result = ProcessMemTools.Copy("--json", source, target + "/");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal([Path.Combine(target, name)], Directory.EnumerateFiles(target));
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(Path.Combine(target, name)));
        Assert.Equal(Path.Combine(target, name), ProcessReport.Of(result).Text("Destination"));
    }

    [Fact]
    public void LeadingDashesFollowADoubleDash()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("--force", 1000, seed: 1);
        string line = $"cd {folder.Root} && {ProcessMemTools.ShellCommand} copy --quiet -- --force -copy";
        ProcessResult result = ProcessRun.Execute("sh", "-c", line);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(folder["-copy"]));
    }

    [Theory]
    [InlineData('x', 255)]
    [InlineData('ü', 127)]
    [InlineData('文', 85)]
    public void TheLongestNamesGetTheirTemporariesToo(char letter, int count)
    {
        using ProcessFolder folder = new();
        string target = folder.MakeFolder("out");
        string name = new(letter, count);
        string source = folder.Write("source", 1000, seed: 1);
        string destination = folder.Write("out/" + name, 1000, seed: 2);
        ProcessResult result = ProcessMemTools.Copy("--json", source, destination);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("Renamed", ProcessReport.Of(result).Replacement);
        Assert.Equal([destination], Directory.EnumerateFiles(target));
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(destination));
    }

    [Fact]
    public void ANameThatIsTooLongIsAnError()
    {
        using ProcessFolder folder = new();
        ProcessResult result = ProcessMemTools.Copy("--json", folder.Write("source", 10, seed: 1), folder[new string('x', 256)]);
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("NameTooLong", ProcessReport.Of(result).ErrorId);
        Assert.Contains("ENAMETOOLONG", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ASourceThatIsNotUtf8IsAnErrorThatSaysSo()
    {
        using ProcessFolder folder = new();
        string line = $"cd {folder.Root} && echo content > $'name\\xff' && {ProcessMemTools.ShellCommand} copy --json $'name\\xff' copy";
        ProcessResult result = ProcessRun.Execute("bash", "-c", line);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("NameNotUtf8", ProcessReport.Of(result).ErrorId);
        Assert.False(File.Exists(folder["copy"]));
    }

    [Fact]
    public void ADestinationThatIsNotUtf8IsNotGivenAnotherName()
    {
        using ProcessFolder folder = new();
        folder.Write("source", 10, seed: 1);
        folder.MakeFolder("out");
        string line = $"cd {folder.Root} && {ProcessMemTools.ShellCommand} copy --json source $'out/name\\xff'";
        ProcessResult result = ProcessRun.Execute("bash", "-c", line);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("NameNotUtf8", ProcessReport.Of(result).ErrorId);
        Assert.Empty(Directory.EnumerateFiles(folder["out"]));
    }

    [Fact]
    public void ANameWithTheReplacementCharacterIsANameLikeOthers()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("name\uFFFD", 1000, seed: 1);
        string destination = folder.Write("copy\uFFFD", 1000, seed: 2);
        ProcessResult result = ProcessMemTools.Copy(source, destination);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(destination));
        Assert.Equal(0xEF, Encoding.UTF8.GetBytes(Path.GetFileName(destination))[4]);
    }
}
