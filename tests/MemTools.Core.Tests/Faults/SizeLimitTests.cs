using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>RLIMIT_FSIZE: a write past it is an error (EFBIG), and not the death by SIGXFSZ that it is by default.</summary>
public sealed class SizeLimitTests
{
    private const long Limit = 245 * 4096;

    /// <summary>Leaves direct I/O a rest that is no whole block, which the kernel answers with EINVAL.</summary>
    private const long OddLimit = (400 * 4096) + 1001;

    [SkippableTheory]
    [InlineData("Auto", Limit)]
    [InlineData("CopyFileRange", Limit)]
    [InlineData("Sendfile", Limit)]
    [InlineData("Splice", Limit)]
    [InlineData("Mmap", Limit)]
    [InlineData("DirectIO", Limit)]
    [InlineData("DirectIO", OddLimit)]
    [InlineData("ReadWrite", Limit)]
    [InlineData("ReadWrite", OddLimit)]
    public void AFileThatWouldBeTooLargeIsAnError(string method, long limit)
    {
        using FaultScene scene = new(existing: true, ProcessMethods.ParentFor(method));
        ProcessResult result = ProcessRun.Execute(
            ["prlimit", $"--fsize={limit}", .. ProcessMemTools.Command, "copy", "--method", method, "--json", scene.Source, scene.Destination]);
        Assert.True(result.ExitCode == 1, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal("FileTooLarge", report.ErrorId);
        Assert.Equal("EFBIG", report.ErrorName);
        Assert.Contains("EFBIG", result.Error, StringComparison.Ordinal);
        Assert.InRange(report.Number("BytesTransferred"), 0, limit);
        Assert.True(scene.IsOld);
        Assert.Empty(scene.Temporaries);
    }

    [Fact]
    public void ALengthSetPastTheLimitIsAnErrorToo()
    {
        using ProcessFolder folder = new();
        string source = folder["source"];
        using (FileStream file = File.Create(source))
            file.SetLength(Limit + 1);
        string target = folder.MakeFolder("out");
        ProcessResult result = ProcessRun.Execute(
            ["prlimit", $"--fsize={Limit}", .. ProcessMemTools.Command, "copy", "--json", source, target]);
        Assert.True(result.ExitCode == 1, result.ToString());
        Assert.Equal("EFBIG", ProcessReport.Of(result).ErrorName);
        Assert.Contains("ftruncate: EFBIG", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(target));
    }

    [Fact]
    public void AFileBelowTheLimitIsCopied()
    {
        using ProcessFolder folder = new();
        string source = folder.Write("source", Limit, seed: 1);
        ProcessResult result = ProcessRun.Execute(
            ["prlimit", $"--fsize={Limit}", .. ProcessMemTools.Command, "copy", source, folder["copy"]]);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal(ProcessFolder.Hash(source), ProcessFolder.Hash(folder["copy"]));
    }
}
