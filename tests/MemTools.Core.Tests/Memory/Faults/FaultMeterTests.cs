using System.Globalization;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;

namespace MemTools.Tests.Memory;

/// <summary>What the meter reads against a number of pages that is known, and against /proc.</summary>
public class FaultMeterTests
{
    private const int Rounds = 20;
    private static readonly int Page = Environment.SystemPageSize;

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(100_000)]
    public void A_known_number_of_fresh_pages_is_read_by_both_witnesses_and_by_proc(int pages)
    {
        List<long> byUsage = [];
        List<long> byPerf = [];
        List<long> byProc = [];
        for (int round = 0; round < Rounds; round++)
        {
            using Mapping memory = SmallPages(pages);
            using FaultMeter meter = new();
            long before = MinorFaultsByProc();
            meter.Start();
            Touch(memory.Address, pages);
            meter.Stop();
            byProc.Add(MinorFaultsByProc() - before);
            byUsage.Add(meter.Usage.MinorFaults);
            byPerf.Add(meter.Reading?.MinorFaults ?? pages);
        }

        double allowed = Math.Max(5, pages * 0.005);
        Assert.InRange(Median(byUsage), pages, pages + allowed);
        Assert.InRange(Median(byPerf), pages, pages + allowed);
        // Reading a file in between costs this witness some faults of its own.
        Assert.InRange(Median(byProc), pages, pages + allowed + 40);
    }

    [SkippableFact]
    public void Pages_that_mmap_populates_are_in_getrusage_and_not_in_perf_event_open()
    {
        const int pages = 1000;
        Skip.If(HugePages.Policy() == "always", "transparent huge pages would make few faults of many");
        const int flags = MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous | MemoryCalls.MapPopulate;
        nuint length = (nuint)(pages * Page);
        List<long> byUsage = [];
        List<long> byPerf = [];
        for (int round = 0; round < Rounds; round++)
        {
            using FaultMeter meter = new();
            Skip.If(meter.Refusal is not null, meter.Refusal);
            meter.Start();
            nint address = MemoryCalls.Map(0, length, MemoryCalls.ProtectRead | MemoryCalls.ProtectWrite, flags, Descriptor.None, 0);
            meter.Stop();
            Assert.NotEqual(MemoryCalls.Failed, address);
            Assert.Equal(0, MemoryCalls.Unmap(address, length));
            byUsage.Add(meter.Usage.MinorFaults);
            byPerf.Add(meter.Reading!.Value.MinorFaults);
        }

        Assert.InRange(Median(byUsage), pages, pages + 5);
        Assert.InRange(Median(byPerf), 0, 5);
    }

    [Fact]
    public void Several_stretches_add_up_and_what_lies_between_them_does_not_count()
    {
        const int pages = 100;
        List<long> byUsage = [];
        List<long> byPerf = [];
        for (int round = 0; round < Rounds; round++)
        {
            using Mapping memory = SmallPages(4 * pages);
            using FaultMeter meter = new();
            for (int part = 0; part < 4; part++)
            {
                if (part % 2 == 0)
                    meter.Start();
                Touch(memory.Address + (part * pages * Page), pages);
                if (part % 2 == 0)
                    meter.Stop();
            }

            byUsage.Add(meter.Usage.MinorFaults);
            byPerf.Add(meter.Reading?.MinorFaults ?? (2 * pages));
        }

        Assert.InRange(Median(byUsage), 2 * pages, (2 * pages) + 10);
        Assert.InRange(Median(byPerf), 2 * pages, (2 * pages) + 10);
    }

    [Fact]
    public void Another_threads_faults_are_not_counted()
    {
        const int pages = 2000;
        using Mapping memory = SmallPages(pages);
        using FaultMeter meter = new();
        meter.Start();
        Thread thread = new(() => Touch(memory.Address, pages));
        thread.Start();
        thread.Join();
        meter.Stop();
        Assert.InRange(meter.Usage.MinorFaults, 0, pages / 2);
        Assert.InRange(meter.Reading?.MinorFaults ?? 0, 0, pages / 2);
    }

    /// <summary>The two are not read at one moment: on a busy machine a switch may come in between, now and then.</summary>
    [SkippableFact]
    public void A_wait_is_one_switch_to_both_witnesses()
    {
        List<long> differences = [];
        for (int round = 0; round < Rounds; round++)
        {
            using FaultMeter meter = new();
            Skip.IfNot(meter.UserOnly == false, "perf_event_open may not look into the kernel here");
            meter.Start();
            Thread.Sleep(2);
            meter.Stop();
            Assert.InRange(meter.Usage.VoluntarySwitches, 1, 100);
            differences.Add(meter.Reading!.Value.Switches - meter.Usage.VoluntarySwitches - meter.Usage.InvoluntarySwitches);
        }

        Assert.Equal(0, Median(differences));
    }

    [Fact]
    public void A_refusal_names_the_call_the_errno_and_the_setting()
    {
        Assert.Matches("^perf_event_open: EACCES: .*perf_event_paranoid", PerfRefusal.Of(Errno.EACCES));
        Assert.Matches("^perf_event_open: EPERM: .*seccomp", PerfRefusal.Of(Errno.EPERM));
        Assert.Matches("^perf_event_open: ENOSYS: .*seccomp", PerfRefusal.Of(Errno.ENOSYS));
        Assert.StartsWith("perf_event_open: EMFILE: ", PerfRefusal.Of(Errno.EMFILE), StringComparison.Ordinal);
    }

    private static Mapping SmallPages(int pages)
    {
        Mapping memory = Mapping.Memory(Math.Max(pages, 1) * Page);
        // Fails where the kernel has no huge pages, and then there is nothing to prevent.
        _ = MemoryCalls.Advise(memory.Address, (nuint)(Math.Max(pages, 1) * Page), MemoryCalls.AdviseNoHugePage);
        return memory;
    }

    private static unsafe void Touch(nint start, int pages)
    {
        for (int i = 0; i < pages; i++)
            *(byte*)(start + ((nint)i * Page)) = 1;
    }

    private static long MinorFaultsByProc()
    {
        string text = File.ReadAllText("/proc/thread-self/stat");
        string[] fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[7], CultureInfo.InvariantCulture);
    }

    private static long Median(List<long> values) => values.Order().ElementAt(values.Count / 2);
}
