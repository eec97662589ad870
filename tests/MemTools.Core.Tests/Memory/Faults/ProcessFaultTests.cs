using System.Diagnostics;
using System.Text;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>Faults of other processes, which end, hide behind odd names, or were never there.</summary>
public class ProcessFaultTests
{
    private const int NoSuchProcess = int.MaxValue;

    [Theory]
    [InlineData("cat")]
    [InlineData("a) R 1 (b")]
    [InlineData(" ) Z ")]
    public void A_name_may_hold_anything(string name)
    {
        string text = $"42 ({name}) S 1 42 42 0 -1 4194304 1001 7 3 9 250 50 0 0 20 0 12 0 5 1000000 55 18446744073709551615 0\n";
        ProcessReading reading = ProcessCounts.Parse(42, Encoding.UTF8.GetBytes(text));
        ProcessReading expected = new(
            42, name, false, 1001, 3, TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(0.5), 12, 55L * Environment.SystemPageSize);
        Assert.Equal(expected, reading);
    }

    [Fact]
    public void The_faults_of_all_threads_of_a_process_are_counted()
    {
        const int pages = 3000;
        using ProcessFaultWatch watch = ProcessFaultWatch.Start(Environment.ProcessId);
        MappingExperimentOptions options = new() { Length = (long)pages * Environment.SystemPageSize };
        Thread thread = new(() => Assert.Single(new MappingExperiment(options, CancellationToken.None).Run()));
        thread.Start();
        thread.Join();
        Wait(watch, TimeSpan.FromMilliseconds(10));
        Assert.False(watch.Ended);
        Assert.InRange(watch.Result.MinorFaults, pages, long.MaxValue);
        Assert.Equal((Environment.ProcessId, $"/proc/{Environment.ProcessId}/stat"), (watch.Result.ProcessId, watch.Result.Source));
    }

    [SkippableFact]
    public void A_process_that_ends_leaves_what_was_counted_until_then()
    {
        Tool.Need("bash", "bash");
        // Waits for a line, then takes some thousand pages, and ends.
        ProcessStartInfo start = new("bash", ["-c", "read -r; x=$(printf '%20000000s' ''); exit 0"])
        {
            RedirectStandardInput = true,
        };
        using Process process = Process.Start(start)!;
        using ProcessFaultWatch watch = ProcessFaultWatch.Start(process.Id);
        process.StandardInput.WriteLine();
        Wait(watch, Waited.Longest);
        process.WaitForExit();
        Assert.True(watch.Ended);
        Assert.True(watch.Result.Ended);
        Assert.Null(watch.Result.Threads);
        Assert.True(watch.Result.Elapsed < Waited.Longest);
        MemToolsException e = watch.TooEarly(Waited.Longest);
        Assert.Equal(ErrorKind.ProcessNotFound, e.Kind);
        Assert.Contains("bash", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_process_that_is_not_there_is_an_error()
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => ProcessFaultWatch.Start(NoSuchProcess));
        Assert.Equal(ErrorKind.ProcessNotFound, e.Kind);
    }

    [SkippableFact]
    public void A_zombie_is_an_error()
    {
        Tool.Need("bash", "bash");
        // The child ends when its parent has become another program, which takes no note.
        const string line = "until [ \"$(</proc/$$/comm)\" != bash ]; do sleep 0.01; done & echo $!; exec sleep 600";
        ProcessStartInfo start = new("bash", ["-c", line]) { RedirectStandardOutput = true };
        using Process parent = Process.Start(start)!;
        try
        {
            int zombie = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            Assert.True(SpinWait.SpinUntil(() => StateOf(zombie) == 'Z', Waited.Longest));
            MemToolsException e = Assert.Throws<MemToolsException>(() => ProcessFaultWatch.Start(zombie));
            Assert.Equal(ErrorKind.ProcessNotFound, e.Kind);
            Assert.Contains("zombie", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            parent.Kill();
            parent.WaitForExit();
        }
    }

    [SkippableFact]
    public void A_thread_of_the_kernel_has_no_faults()
    {
        Skip.IfNot(File.Exists("/proc/2/comm") && File.ReadAllText("/proc/2/comm") == "kthreadd\n", "no kernel thread is to be seen here");
        using ProcessFaultWatch watch = ProcessFaultWatch.Start(2);
        Wait(watch, TimeSpan.FromMilliseconds(10));
        Assert.Equal(("kthreadd", 0L, 0L), (watch.Result.Name, watch.Result.MinorFaults, watch.Result.MajorFaults));
    }

    [Fact]
    public void A_wait_can_be_stopped()
    {
        using ProcessFaultWatch watch = ProcessFaultWatch.Start(Environment.ProcessId);
        using CancellationTokenSource stop = new(millisecondsDelay: 50);
        Assert.Throws<OperationCanceledException>(
            () => ProcessFaultWatch.Wait([watch], TimeSpan.FromDays(1), _ => { }, stop.Token));
    }

    private static void Wait(ProcessFaultWatch watch, TimeSpan duration) =>
        ProcessFaultWatch.Wait([watch], duration, _ => { }, CancellationToken.None);

    private static char StateOf(int process)
    {
        string text = File.ReadAllText($"/proc/{process}/stat");
        return text[text.LastIndexOf(')') + 2];
    }
}
