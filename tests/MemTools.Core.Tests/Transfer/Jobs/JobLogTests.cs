using System.Text.Json;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>The log of jobs: lines that are whole, whoever else writes, and a job that outlives its log.</summary>
public class JobLogTests
{
    [Fact]
    public void Every_line_is_an_object_with_time_job_and_event()
    {
        using TempDirectory folder = new();
        string path = folder.Write("log", "not ours\n"u8);
        using (JobLog log = JobLog.Open(NativePath.From(path)))
        {
            log.Write("start", json => json.WriteString("source", "/from \"here\"\n"));
            log.Write("end", _ => { });
            log.Flush();
            Assert.Null(log.Failure);
        }

        string[] lines = File.ReadAllLines(path);
        Assert.Equal(3, lines.Length);
        Assert.Equal("not ours", lines[0]);
        JsonElement start = JsonDocument.Parse(lines[1]).RootElement;
        JsonElement end = JsonDocument.Parse(lines[2]).RootElement;
        Assert.Equal("/from \"here\"\n", start.GetProperty("source").GetString());
        Assert.Equal(("start", "end"), (start.GetProperty("event").GetString(), end.GetProperty("event").GetString()));
        Assert.Equal(start.GetProperty("job").GetString(), end.GetProperty("job").GetString());
        string time = start.GetProperty("time").GetString()!;
        Assert.EndsWith("Z", time, StringComparison.Ordinal);
        Assert.InRange(DateTime.UtcNow - DateTime.Parse(time, null, System.Globalization.DateTimeStyles.RoundtripKind), TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [Fact]
    public void Lines_of_two_jobs_never_mix()
    {
        using TempDirectory folder = new();
        const int count = 500;
        using (JobLog one = JobLog.Open(NativePath.From(folder["log"])))
        using (JobLog two = JobLog.Open(NativePath.From(folder["log"])))
        {
            Parallel.For(0, count, i => (i % 2 == 0 ? one : two).Write("item", json => json.WriteString("text", new string('x', i))));
        }

        string[] lines = File.ReadAllLines(folder["log"]);
        Assert.Equal(count, lines.Length);
        Assert.Equal(
            Enumerable.Range(0, count),
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("text").GetString()!.Length).Order());
    }

    [Fact]
    public void A_log_that_cannot_be_opened_is_an_error_at_once()
    {
        using TempDirectory folder = new();
        SystemCallException error = Assert.Throws<SystemCallException>(() => JobLog.Open(NativePath.From(folder["none/log"])));
        Assert.Equal(ErrorKind.NotFound, error.Kind);
    }

    [Fact]
    public void A_pipe_that_nobody_reads_is_an_error_and_does_not_hang()
    {
        using TempDirectory folder = new();
        Machine.MakeFifo(folder["fifo"]);
        SystemCallException error = Assert.Throws<SystemCallException>(() => JobLog.Open(NativePath.From(folder["fifo"])));
        Assert.Equal("ENXIO", error.ErrorName);
    }

    [SkippableFact]
    public void A_full_disk_under_the_log_is_remembered_and_thrown_by_nobody()
    {
        Skip.IfNot(File.Exists("/dev/full"), "no /dev/full on this machine");
        using JobLog log = JobLog.Open(NativePath.From("/dev/full"));
        log.Write("start", _ => { });
        log.Write("end", _ => { });
        log.Flush();
        Assert.Equal(("write", "ENOSPC"), (log.Failure!.Call, log.Failure.ErrorName));
        Assert.Equal(2, log.LinesLost);
    }

    [SkippableFact]
    public void A_line_that_was_cut_off_does_not_spoil_the_next()
    {
        Machine.NeedRoot();
        using TempDirectory folder = new();
        using IDisposable mount = Machine.Mount(folder.Path, "-t", "tmpfs", "-o", "size=64k", "tmpfs");
        using JobLog log = JobLog.Open(NativePath.From(folder["log"]));
        while (log.Failure is null)
            log.Write("item", json => json.WriteString("text", new string('x', 5000)));
        string[] before = File.ReadAllLines(folder["log"]);
        using (FileStream file = new(folder["log"], FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(file.Length - 4000);
        log.Write("end", _ => { });
        string[] lines = File.ReadAllLines(folder["log"]);
        Assert.True(lines.Length >= before.Length);
        Assert.Equal("end", JsonDocument.Parse(lines[^1]).RootElement.GetProperty("event").GetString());
    }
}
