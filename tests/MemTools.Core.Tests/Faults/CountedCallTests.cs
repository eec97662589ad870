using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>The calls that a result states, against those that strace saw.</summary>
public sealed class CountedCallTests
{
    [SkippableTheory]
    [InlineData("CopyFileRange")]
    [InlineData("Sendfile")]
    [InlineData("Splice")]
    [InlineData("Mmap")]
    [InlineData("DirectIO")]
    [InlineData("ReadWrite")]
    public void TheResultCountsTheCallsThatMovedTheBytes(string method)
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true, ProcessMethods.ParentFor(method));
        (ProcessResult result, SystemCallLog log) = scene.Copy([], "--method", method, "--json");
        Assert.True(result.ExitCode == 0, result.ToString());
        ProcessReport report = ProcessReport.Of(result);
        long seen = Seen(method, log, scene.Source, Path.Combine(scene.Target, "."));
        Assert.True(seen > 1, "One call says little about counting.");
        Assert.Equal(seen, report.SystemCalls);
        Assert.Equal(2 * seen, report.Number("ModeSwitches"));
    }

    [SkippableFact]
    public void AutoCountsTheRefusedCallToo()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy([], "--json");
        ProcessReport report = ProcessReport.Of(result);
        long clones = log.Calls.Count(call => call.Name == "ioctl" && call.Mentions("FICLONE"));
        Assert.Equal(1, clones);
        Assert.Equal(clones + log.Count("copy_file_range", scene.Source), report.SystemCalls);
    }

    [SkippableFact]
    public void FlushPutsTheFileAndItsNameOnTheDisk()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy([], "--flush");
        Assert.Equal(0, result.ExitCode);
        string[] order = [.. log.Calls.Where(call => call.Name is "fsync" or "renameat2").Select(call => call.Name)];
        Assert.Equal(["fsync", "renameat2", "fsync"], order);
        Assert.Contains(log.Calls, call => call.Name == "fsync" && call.Mentions(".destination.memtools-"));
        Assert.Contains(log.Calls, call => call.Name == "fsync" && call.Mentions($"<{scene.Target}>"));
    }

    [SkippableFact]
    public void WithoutFlushNothingWaitsForTheDisk()
    {
        Tracer.SkipWhereUnusable();
        using FaultScene scene = new(existing: true);
        (ProcessResult result, SystemCallLog log) = scene.Copy([]);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain(log.Calls, call => call.Name is "fsync" or "sync_file_range");
    }

    private static long Seen(string method, SystemCallLog log, string source, string temporary) => method switch
    {
        "CopyFileRange" => log.Count("copy_file_range", source),
        "Sendfile" => log.Count("sendfile", source),
        "Splice" => log.Count("splice", source) + log.Count("splice", temporary),
        "Mmap" => log.Count("mmap", source) + MadePresentAndUnmapped(log, source) + log.Count("pwrite64", temporary),
        _ => log.Count("pread64", source) + log.Count("pwrite64", temporary),
    };

    /// <summary>How often mappings of the source were filled with pages, and taken away again.</summary>
    private static int MadePresentAndUnmapped(SystemCallLog log, string source)
    {
        string[] addresses =
            [.. log.Calls.Where(call => call.Name == "mmap" && call.Mentions(source)).Select(call => call.Result)];
        int first = log.Calls.ToList().FindIndex(call => call.Name == "mmap" && call.Mentions(source));
        return log.Calls.Skip(first).Count(
            call => call.Name is "madvise" or "munmap" && addresses.Any(address => call.Arguments.StartsWith(address + ",", StringComparison.Ordinal)));
    }
}
