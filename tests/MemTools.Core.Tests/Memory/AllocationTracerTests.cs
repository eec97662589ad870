using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What the worker says of malloc is what malloc does: by glibc's rules, and by a C program with the same steps.</summary>
public class AllocationTracerTests
{
    private const long KiB128 = 128 * 1024;
    private static readonly long Page = Environment.SystemPageSize;

    public static TheoryData<bool> Heaps => [false, true];

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void A_small_block_moves_the_break_by_the_top_pad_and_a_page(bool drain)
    {
        AllocationTrace trace = Assert.Single(Trace(drain, 64));
        Assert.Equal("Break", trace.Source);
        Assert.Equal("brk", trace.AllocationCall);
        Assert.Equal(KiB128 + Page, trace.BreakMovedBytes);
        Assert.Equal(0, trace.MappedBytes);
        Assert.Equal(72, trace.UsableSize);
        Assert.Equal(8, trace.HeaderBytes);
        Assert.Equal(16, trace.OverheadBytes);
        Assert.Equal("Tcache", trace.FreedTo);
        Assert.Null(trace.FreeCall);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void From_the_threshold_on_a_block_is_a_mapping_and_freeing_removes_it(bool drain)
    {
        AllocationTrace trace = Assert.Single(Trace(drain, 20_000_000));
        Assert.Equal("Mapping", trace.Source);
        Assert.Equal("mmap", trace.AllocationCall);
        Assert.Equal(RoundUp(20_000_000 + 16), trace.MappedBytes);
        Assert.Equal(trace.MappedBytes, trace.ChunkSize);
        Assert.Equal(trace.MappedBytes, trace.UnmappedBytes);
        Assert.Equal(16, trace.HeaderBytes);
        Assert.Equal(0, trace.BreakMovedBytes);
        Assert.Equal("Unmapped", trace.FreedTo);
        Assert.Equal("munmap", trace.FreeCall);
        // malloc has touched the first page itself, to write the header.
        Assert.InRange(trace.AllocationFaults, 1, 5);
        if (HugePagesOnAdviceOnly())
            Assert.InRange(trace.FirstTouchFaults!.Value, (trace.MappedBytes / Page) - 1, (trace.MappedBytes / Page) + 4);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void A_freed_small_block_comes_back_from_the_cache_of_its_thread(bool drain)
    {
        AllocationTrace[] traces = Trace(drain, 200, 200);
        Assert.Equal("Tcache", traces[1].Source);
        Assert.Equal(traces[0].Address, traces[1].Address);
        Assert.Null(traces[1].AllocationCall);
        Assert.Equal(0, traces[1].FirstTouchFaults);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void With_the_top_kept_the_second_block_comes_from_it(bool drain)
    {
        Requires();
        AllocationTrace[] traces = new AllocationTracer { AlwaysDrain = drain, KeepTop = true }.Trace([100, 5000], CancellationToken.None);
        Assert.Equal(["Break", "Top"], traces.Select(trace => trace.Source));
        Assert.Equal("Top", traces[1].FreedTo);
        Assert.Equal(0, traces[1].BreakMovedBytes);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void Size_0_is_a_block_and_2_to_the_63_is_refused_with_ENOMEM(bool drain)
    {
        AllocationTrace[] traces = Trace(drain, 0, 1UL << 63, ulong.MaxValue);
        Assert.Equal("Break", traces[0].Source);
        Assert.Equal(24, traces[0].UsableSize);
        Assert.All(traces[1..], trace =>
        {
            Assert.Equal("Refused", trace.Source);
            Assert.Equal("ENOMEM", trace.ErrorName);
            Assert.Null(trace.Address);
            Assert.Null(trace.FreedTo);
            Assert.Null(trace.HeaderBytes);
            Assert.Null(trace.FirstTouchFaults);
        });
    }

    [SkippableFact]
    public void A_block_that_the_machine_may_not_have_is_not_touched()
    {
        AllocationTrace trace = Assert.Single(Trace(drain: true, 1UL << 30));
        Assert.Equal("Mapping", trace.Source);
        Assert.Null(trace.FirstTouchFaults);
    }

    [SkippableFact]
    public void The_threshold_of_an_untouched_heap_is_128_KiB()
    {
        RequiresUntouched();
        ThresholdSearch search = new AllocationTracer().FindThreshold(CancellationToken.None);
        Assert.Equal(KiB128, search.MmapThreshold);
        Assert.Equal(KiB128 - 23, search.SmallestMappedSize);
        Assert.Equal(KiB128 - 24, search.LargestHeapSize);
        Assert.All(search.Probes, probe =>
            Assert.Equal(probe.Size >= search.SmallestMappedSize ? "Mapping" : "Heap", probe.Source));
        AllocationTrace[] traces = Trace(drain: false, (ulong)search.LargestHeapSize!.Value, (ulong)search.SmallestMappedSize);
        Assert.Equal(["Break", "Mapping"], traces.Select(trace => trace.Source));
    }

    [SkippableTheory]
    [InlineData(0, false)]
    [InlineData(4096, false)]
    [InlineData(300_000, false)]
    [InlineData(33_554_432, false)]
    [InlineData(0, true)]
    [InlineData(300_000, true)]
    public void A_threshold_that_was_set_is_the_one_that_is_found(int threshold, bool drain)
    {
        Requires();
        AllocationTracer tracer = new() { MmapThreshold = threshold, AlwaysDrain = drain };
        ThresholdSearch search = tracer.FindThreshold(CancellationToken.None);
        // Sizes of chunks are multiples of 16; the first that reaches the threshold is mapped.
        Assert.Equal((threshold + 15) & ~15, search.MmapThreshold);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void The_top_pad_is_what_the_break_moves_beyond_the_block(bool drain)
    {
        Requires();
        AllocationTracer padded = new() { TopPad = 1_000_000, AlwaysDrain = drain };
        AllocationTrace trace = Assert.Single(padded.Trace([64], CancellationToken.None));
        Assert.InRange(trace.BreakMovedBytes, 1_000_000, 1_000_000 + (2 * Page));
        Assert.Equal(1_000_000, trace.TopPad);
        Assert.False(trace.DynamicThreshold);
        AllocationTracer bare = new() { TopPad = 0, AlwaysDrain = drain };
        Assert.Equal(Page, Assert.Single(bare.Trace([64], CancellationToken.None)).BreakMovedBytes);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void The_trim_threshold_decides_whether_freeing_moves_the_break_back(bool drain)
    {
        Requires();
        AllocationTrace kept = Assert.Single(
            new AllocationTracer { TrimThreshold = -1, AlwaysDrain = drain }.Trace([100_000], CancellationToken.None));
        Assert.Equal("Top", kept.FreedTo);
        Assert.Equal(0, kept.BreakReturnedBytes);
        Assert.Contains("turned off", kept.Reason, StringComparison.Ordinal);
        AllocationTrace high = Assert.Single(
            new AllocationTracer { TrimThreshold = 1 << 30, AlwaysDrain = drain }.Trace([100_000], CancellationToken.None));
        Assert.Equal("Top", high.FreedTo);
        Assert.Contains("less than the trim threshold", high.Reason, StringComparison.Ordinal);
        AllocationTrace back = Assert.Single(
            new AllocationTracer { TrimThreshold = 4096, TopPad = 0, AlwaysDrain = drain }.Trace([100_000], CancellationToken.None));
        Assert.Equal("BreakMovedBack", back.FreedTo);
        Assert.Equal("brk", back.FreeCall);
        Assert.InRange(back.BreakReturnedBytes, 100_000 - Page, back.BreakMovedBytes);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void Freeing_a_mapping_raises_the_threshold_up_to_32_MiB(bool drain)
    {
        Requires();
        ThresholdRise[] rises = new AllocationTracer { AlwaysDrain = drain }
            .RaiseThreshold([2_000_000, 31_000_000, 40_000_000], CancellationToken.None);
        Assert.Equal("Mapping", rises[0].FirstSource);
        Assert.Equal(RoundUp(2_000_000 + 16), rises[0].ThresholdAfter);
        Assert.Equal("Break", rises[0].SecondSource);
        Assert.Equal(rises[0].ThresholdAfter, rises[1].ThresholdBefore);
        Assert.Equal(RoundUp(31_000_000 + 16), rises[1].ThresholdAfter);
        Assert.Equal(rises[1].ThresholdAfter, rises[2].ThresholdAfter);
        Assert.Equal("Mapping", rises[2].SecondSource);
    }

    [SkippableFact]
    public void The_thresholds_of_a_trace_are_those_that_are_measured()
    {
        RequiresUntouched();
        AllocationTrace[] traces = Trace(drain: false, 500_000, 64);
        Assert.Equal([KiB128, RoundUp(500_000 + 16)], traces.Select(trace => trace.MmapThreshold));
        Assert.Equal([KiB128, 2 * RoundUp(500_000 + 16)], traces.Select(trace => trace.TrimThreshold));
        ThresholdRise rise = Assert.Single(new AllocationTracer().RaiseThreshold([500_000], CancellationToken.None));
        Assert.Equal(rise.ThresholdAfter, traces[1].MmapThreshold);
    }

    [SkippableFact]
    public void An_option_ends_the_adjustment_of_the_threshold()
    {
        Requires();
        ThresholdRise rise = Assert.Single(
            new AllocationTracer { MmapThreshold = 200_000 }.RaiseThreshold([2_000_000], CancellationToken.None));
        Assert.Equal("Unmapped", rise.FreedTo);
        Assert.Equal(rise.ThresholdBefore, rise.ThresholdAfter);
        Assert.Equal("Mapping", rise.SecondSource);
    }

    [SkippableTheory]
    [MemberData(nameof(Heaps))]
    public void One_late_block_keeps_all_below_it(bool drain)
    {
        Requires();
        PinnedTopStep[] steps = new AllocationTracer { AlwaysDrain = drain }.PinTop(50_000, 200, CancellationToken.None);
        Assert.Equal(5, steps.Length);
        (PinnedTopStep filled, PinnedTopStep freed, PinnedTopStep trimmed, PinnedTopStep unpinned) = (steps[0], steps[2], steps[3], steps[4]);
        Assert.InRange(filled.BreakMovedBytes, 9_000_000, 12_000_000);
        Assert.Equal(0, freed.BreakMovedBytes);
        Assert.True(freed.FreeBytes > 9_000_000);
        Assert.True(freed.TopBytes < 300_000);
        // Trimming gives back the pages in the middle, but the break stays.
        Assert.True(trimmed.ResidentBytes < freed.ResidentBytes - 8_000_000, $"{trimmed.ResidentBytes} after {freed.ResidentBytes}");
        Assert.True(trimmed.HeapBytes > 9_000_000);
        Assert.True(unpinned.BreakMovedBytes < -8_000_000);
        Assert.True(unpinned.HeapBytes < 400_000);
    }

    [SkippableFact]
    public void Experiments_that_would_show_nothing_are_refused()
    {
        Skip.If(GlibcMalloc.Current is null, "not glibc");
        AllocationTracer tracer = new();
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => tracer.PinTop(200_000, 2, CancellationToken.None)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => tracer.PinTop(60_000, 100_000, CancellationToken.None)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => tracer.PinTop(ulong.MaxValue, 2, CancellationToken.None)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => tracer.RaiseThreshold([1UL << 63], CancellationToken.None)).Kind);
    }

    [SkippableFact]
    public void A_C_program_with_the_same_steps_sees_the_same()
    {
        RequiresUntouched();
        ulong[] sizes = [64, 64, 100, 1000, 1033, 5000, 60_000, 100_000, 131_048, 200_000, 131_049, 200_000, 1_000_000, 0, 24, 25, 300_000, 1_040_000];
        AllocationTrace[] traces = new AllocationTracer { KeepTop = true }.Trace(sizes, CancellationToken.None);
        using CProgram program = CProgram.Compile(SameSteps);
        string[] expected = program.Run([.. sizes.Select(size => size.ToString(CultureInfo.InvariantCulture))])
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] actual = [.. traces.Select(trace => string.Create(CultureInfo.InvariantCulture,
            $"{trace.Size} {trace.UsableSize} {trace.BreakMovedBytes} {trace.MappedBytes} {trace.BreakReturnedBytes}"))];
        Assert.Equal(expected, actual);
    }

    [SkippableFact]
    public void The_calls_that_strace_sees_are_those_that_are_reported()
    {
        Requires();
        string strace = Tool.Need("strace", "strace");
        using TempDirectory folder = new();
        string[] command = [strace, "-f", "-o", folder["log"], "-e", "trace=brk,mmap,munmap", .. ProcessMemTools.Command];
        ProcessResult result = WorkerTests.RunDirectly(command, new(AllocationExperiment.Trace, [64, 20_000_000]), parent: null);
        int mark = result.Output.IndexOf(WorkerProtocol.ReplyMark, StringComparison.Ordinal);
        Skip.If(mark < 0 && result.Error.Contains("strace:", StringComparison.Ordinal), $"strace cannot trace here: {result.Error}");
        Assert.True(mark >= 0, result.ToString());
        WorkerReply reply = JsonSerializer.Deserialize(result.Output[(mark + WorkerProtocol.ReplyMark.Length)..], WorkerReplyJson.Default.WorkerReply)!;
        AllocationTrace[] traces = AllocationWork.Task.Read(reply.Answer!).Traces;
        string log = File.ReadAllText(folder["log"]);
        long[] breaks = [.. Regex.Matches(log, @"brk\(\w+\)\s+= 0x([0-9a-f]+)").Select(match => Convert.ToInt64(match.Groups[1].Value, 16))];
        Assert.Contains(traces[0].BreakMovedBytes, breaks.Zip(breaks.Skip(1), (first, second) => second - first));
        string mapping = $"0x{traces[1].Address - 16:x}";
        Assert.Matches($@"mmap\(NULL, {traces[1].MappedBytes}, [^)]*\)\s+= {mapping}\b", log);
        Assert.Contains($"munmap({mapping}, {traces[1].UnmappedBytes})", log, StringComparison.Ordinal);
    }

    private const string SameSteps = """
        #define _GNU_SOURCE
        #include <malloc.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <unistd.h>
        static char buffer[65536];
        int main(int count, char **words) {
            setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
            for (int i = 1; i < count; i++) {
                size_t size = strtoull(words[i], 0, 10);
                char *before = sbrk(0);
                char *block = malloc(size);
                char *after = sbrk(0);
                size_t field = ((size_t *)block)[-1], usable = malloc_usable_size(block);
                long mapped = field & 2 ? (long)(field & ~7ul) : 0;
                free(block);
                char *then = sbrk(0);
                printf("%zu %zu %ld %ld %ld\n", size, usable, (long)(after - before), mapped, (long)(after - then));
            }
        }
        """;

    private static AllocationTrace[] Trace(bool drain, params ulong[] sizes)
    {
        Requires();
        return new AllocationTracer { AlwaysDrain = drain }.Trace(sizes, CancellationToken.None);
    }

    private static void Requires() =>
        Skip.IfNot(GlibcMalloc.Current is { HasInfo: true }, "needs glibc 2.33 or newer");

    private static void RequiresUntouched()
    {
        Requires();
        AllocationTrace trace = Assert.Single(new AllocationTracer().Trace([1], CancellationToken.None));
        Skip.If(trace.Heap != "Untouched", "no libjemalloc.so.2 or libmimalloc.so.2 to serve the worker; Debian: libjemalloc2");
    }

    private static bool HugePagesOnAdviceOnly()
    {
        const string setting = "/sys/kernel/mm/transparent_hugepage/enabled";
        return !File.Exists(setting) || !File.ReadAllText(setting).Contains("[always]", StringComparison.Ordinal);
    }

    private static long RoundUp(long bytes) => (bytes + Page - 1) / Page * Page;
}
