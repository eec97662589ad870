using MemTools.Kernel;
using MemTools.Tests.Faults;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.Transfer;

/// <summary>Pages of the source that cannot be had while the kernel writes from them: EFAULT, and what it stands for.</summary>
public class MmapTests
{
    private const int Length = 300_000;
    private const int OldLength = 1000;

    /// <summary>The source was cut and grew again: the page is there when it is asked for once more.</summary>
    [SkippableFact]
    public void A_page_that_comes_back_is_written()
    {
        using ProcessFolder folder = new();
        ProcessResult result = CopyWith(folder, "pwrite64:error=EFAULT:when=1..2");
        Assert.True(result.ExitCode == 0, result.ToString());
        Content.AssertSame(folder["source"], folder["copy"]);
    }

    [SkippableFact]
    public void A_page_that_does_not_come_back_is_a_source_that_was_cut()
    {
        using ProcessFolder folder = new();
        ProcessResult result = CopyWith(folder, "pwrite64:error=EFAULT");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal("SourceTruncated", ProcessReport.Of(result).ErrorId);
        Assert.Equal(OldLength, new FileInfo(folder["copy"]).Length);
    }

    [SkippableFact]
    public void A_page_that_cannot_be_read_is_the_sources_error()
    {
        using ProcessFolder folder = new();
        ProcessResult result = CopyWith(folder, "pwrite64:error=EFAULT:when=1", "pread64:error=EIO");
        Assert.Equal(1, result.ExitCode);
        ProcessReport report = ProcessReport.Of(result);
        Assert.Equal(("IoError", "EIO"), (report.ErrorId, report.ErrorName));
        Assert.Contains($"pread: EIO on '{folder["source"]}'", report.Message, StringComparison.Ordinal);
        Assert.Equal(OldLength, new FileInfo(folder["copy"]).Length);
    }

    /// <summary>A disk that ends before its size: its blocks past that cannot be read.</summary>
    [SkippableFact]
    public void A_disk_that_fails_is_an_error_and_not_its_end()
    {
        using TempDirectory folder = new();
        string disk = folder.Write("disk", Content.Random(8 * 1024 * 1024));
        using LoopDevice device = new(disk);
        using (FileStream file = File.OpenWrite(disk))
            file.SetLength(1024 * 1024);
        TransferException error = Copies.Fails(
            ErrorKind.IoError, device.Path, folder["copy"], new() { Method = CopyMethod.Mmap });
        Assert.Contains($"pread: EIO on '{device.Path}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(["disk"], folder.Names);
    }

    private static ProcessResult CopyWith(ProcessFolder folder, params string[] injections)
    {
        Tracer.SkipWhereUnusable();
        string source = folder.Write("source", Length, seed: 1);
        // In place, so that the path to tamper with is known beforehand.
        string destination = folder.Write("copy", OldLength, seed: 2);
        string[] arguments = ["--method", "Mmap", "--in-place", "--json", source, destination];
        return Tracer.CopyOn(folder, [source, destination], injections, arguments).Result;
    }
}
