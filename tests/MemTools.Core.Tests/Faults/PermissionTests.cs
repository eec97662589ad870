using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>What a user without privileges may and may not do.</summary>
public sealed class PermissionTests
{
    private const string Mine = "65534:65534";
    private const string Roots = "0:0";

    [SkippableFact]
    public void AnUnreadableSourceIsAnErrorAndNothingIsCreated()
    {
        using OtherUser user = new();
        string source = user.Write("source", Roots, "600");
        string target = user.MakeFolder("out", Mine, "755");
        ProcessResult result = user.Copy(source, target);
        Assert.True(result.ExitCode == 1, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal("PermissionDenied", report.ErrorId);
        Assert.Contains($"openat: EACCES on '{source}'", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));
    }

    [SkippableFact]
    public void ADirectoryThatTakesNoFilesIsAnError()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        string target = user.MakeFolder("out", Roots, "755");
        ProcessResult result = user.Copy(source, target);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Contains("openat: EACCES", result.Error, StringComparison.Ordinal);
        Assert.Equal("PermissionDenied", ProcessReport.Of(result).ErrorId);
    }

    [SkippableFact]
    public void AWritableFileInADirectoryThatTakesNoneIsWrittenInPlace()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        string target = user.MakeFolder("out", Roots, "755");
        string destination = user.Write("out/destination", Mine, "644", seed: 2);
        string identity = ProcessFolder.Identity(destination);
        ProcessResult result = user.Copy(source, destination);
        AssertInPlace(result, source, destination, identity);

        string hash = ProcessFolder.Hash(destination);
        string other = user.Write("other", Mine, "644", seed: 3);
        ProcessResult refused = user.Copy("--require-atomic", other, destination);
        Assert.True(refused.ExitCode == 1, refused.ToString());
        Assert.Equal("NotAtomic", ProcessReport.Of(refused).ErrorId);
        Assert.Contains("EACCES", refused.Error, StringComparison.Ordinal);
        Assert.Equal(hash, ProcessFolder.Hash(destination));
        Assert.Equal(target, Path.GetDirectoryName(destination));
    }

    [SkippableFact]
    public void AFileOfAnotherUserKeepsItsOwner()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        user.MakeFolder("out", Mine, "755");
        string destination = user.Write("out/destination", Roots, "666", seed: 2);
        string identity = ProcessFolder.Identity(destination);
        ProcessResult result = user.Copy(source, destination);
        AssertInPlace(result, source, destination, identity);
        Assert.Equal("0 0", ProcessFolder.Stat(destination, "%u %g"));
        Assert.Contains(ProcessReport.Of(result).Warnings, warning => warning.Contains("EPERM", StringComparison.Ordinal));
        Assert.Empty(ProcessFolder.Temporaries(user.Folder["out"]));
    }

    [SkippableFact]
    public void AFileOfAnotherUserInAStickyDirectoryIsWrittenInPlace()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        user.MakeFolder("out", Roots, "1777");
        string destination = user.Write("out/destination", Roots, "666", seed: 2);
        string identity = ProcessFolder.Identity(destination);
        ProcessResult result = user.Copy(source, destination);
        AssertInPlace(result, source, destination, identity);
        Assert.Empty(ProcessFolder.Temporaries(user.Folder["out"]));
    }

    [SkippableFact]
    public void AReadOnlyFileIsReplacedOnlyByForce()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        user.MakeFolder("out", Mine, "755");
        string destination = user.Write("out/destination", Mine, "444", seed: 2);
        string hash = ProcessFolder.Hash(destination);
        ProcessResult result = user.Copy(source, destination);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("ReadOnly", ProcessReport.Of(result).ErrorId);
        Assert.Equal(hash, ProcessFolder.Hash(destination));

        ProcessResult forced = user.Copy("--force", source, destination);
        Assert.True(forced.ExitCode == 0, forced.ToString());
        Assert.Equal("Renamed", ProcessReport.Of(forced).Replacement);
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(destination));
    }

    [SkippableFact]
    public void AFileThatThisUserMayNotWriteIsNotReplacedBehindItsOwnersBack()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        user.MakeFolder("out", Mine, "755");
        string destination = user.Write("out/destination", Roots, "644", seed: 2);
        string hash = ProcessFolder.Hash(destination);
        ProcessResult result = user.Copy(source, destination);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("ReadOnly", ProcessReport.Of(result).ErrorId);
        Assert.Equal(hash, ProcessFolder.Hash(destination));
        Assert.Equal("0 0", ProcessFolder.Stat(destination, "%u %g"));
    }

    [SkippableFact]
    public void AnOwnerThatCannotBeKeptIsAWarning()
    {
        using OtherUser user = new();
        string source = user.Write("source", Roots, "4755");
        string target = user.MakeFolder("out", Mine, "755");
        ProcessResult result = user.Copy("--preserve", "All", source, target);
        Assert.True(result.ExitCode == 0, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        Assert.Contains(report.Warnings, warning => warning.Contains("fchown: EPERM", StringComparison.Ordinal));
        string copy = Path.Combine(target, "source");
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(copy));
        Assert.Equal("65534 65534 755", ProcessFolder.Stat(copy, "%u %g %a"));
    }

    [SkippableFact]
    public void ADirectoryThatCannotBeListedIsCopiedTo()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        string target = user.MakeFolder("out", Roots, "733");
        ProcessResult result = user.Copy(source, target + "/");
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(Path.Combine(target, "source")));
        Assert.Empty(ProcessFolder.Temporaries(target));
    }

    [SkippableFact]
    public void AFileThatMayBeWrittenButNotReadIsWrittenInPlace()
    {
        using OtherUser user = new();
        string source = user.Write("source", Mine, "644");
        user.MakeFolder("out", Mine, "755");
        string destination = user.Write("out/destination", Mine, "200", seed: 2);
        string identity = ProcessFolder.Identity(destination);
        AssertInPlace(user.Copy(source, destination), source, destination, identity);
    }

    private static void AssertInPlace(ProcessResult result, string source, string destination, string identity)
    {
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("InPlace", ProcessReport.Of(result).Replacement);
        Assert.Equal(identity, ProcessFolder.Identity(destination));
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(destination));
    }
}
