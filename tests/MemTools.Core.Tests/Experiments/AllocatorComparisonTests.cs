using System.Text;
using System.Text.Json;
using MemTools.Experiments;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Experiments;

/// <summary>What a comparison measures, each row in worker processes.</summary>
public class AllocatorComparisonTests
{
    private const long Count = 2000;

    public static TheoryData<AllocatorKind, AllocationPattern> EveryPair()
    {
        TheoryData<AllocatorKind, AllocationPattern> pairs = [];
        AllocatorKind[] kinds =
            [AllocatorKind.Brk, AllocatorKind.Mmap, AllocatorKind.Malloc, AllocatorKind.NativeMemory, AllocatorKind.ArrayPool, AllocatorKind.ManagedArray];
        foreach (AllocatorKind kind in kinds)
        {
            foreach (AllocationPattern pattern in Enum.GetValues<AllocationPattern>())
            {
                if (kind != AllocatorKind.Brk || pattern != AllocationPattern.ProducerConsumer)
                    pairs.Add(kind, pattern);
            }
        }

        // As far as they differ from the others.
        pairs.Add(AllocatorKind.FixedPool, AllocationPattern.Fragment);
        pairs.Add(AllocatorKind.FixedPool, AllocationPattern.ProducerConsumer);
        pairs.Add(AllocatorKind.SizeClassPool, AllocationPattern.Random);
        return pairs;
    }

    [SkippableTheory]
    [MemberData(nameof(EveryPair))]
    public void Every_allocator_does_every_pattern(AllocatorKind kind, AllocationPattern pattern)
    {
        Skip.If(kind == AllocatorKind.Brk && GlibcMalloc.Current is null, "the break needs glibc");
        AllocatorResult result = Measure(kind, pattern);
        Assert.Equal("Measured", result.Status);
        Assert.True(result.NanosecondsPerOperation > 0);
        Assert.True(result.FirstNanosecondsPerOperation > 0);
        Assert.InRange(result.NanosecondsPerOperation!.Value, result.FastestNanosecondsPerOperation!.Value, result.SlowestNanosecondsPerOperation!.Value);
        Assert.True(result.PeakResidentBytes >= result.ResidentBytes || result.PeakResidentBytes is null);
        Assert.Equal(1, result.ShareOfSlowest);
        Assert.Equal(1, result.TimesFastest);
    }

    [Fact]
    public void A_mapping_costs_a_fault_and_a_page_each()
    {
        AllocatorResult result = Measure(AllocatorKind.Mmap, AllocationPattern.Pair);
        Assert.InRange(result.MinorFaults!.Value, Count, Count + 20);
        Assert.InRange(result.BytesPerBlock!.Value, Environment.SystemPageSize, Environment.SystemPageSize * 1.05);
        Assert.InRange(result.HeldBytes!.Value, 0, 100 * Environment.SystemPageSize);
    }

    [SkippableFact]
    public void System_calls_are_those_that_were_made()
    {
        AllocatorResult result = Measure(AllocatorKind.Mmap, AllocationPattern.Pair);
        Skip.If(result.SystemCalls is null, result.SystemCallsUnknown);
        // mmap and munmap; the runtime adds nothing on a thread that does nothing else.
        Assert.InRange(result.SystemCalls!.Value, 2 * Count, (2 * Count) + 5);
    }

    [SkippableFact]
    public void System_calls_agree_with_strace()
    {
        string strace = Tool.Need("strace", "strace");
        Skip.If(GlibcMalloc.Current is null, "the break needs glibc");
        using TempDirectory folder = new();
        WorkOrder order = new(AllocatorKind.Brk, null, AllocationPattern.Pair, BlockTouch.None, 1024, Count, 1, CountCalls: true);
        string request = folder.Write("request", Encoding.UTF8.GetBytes(SpeedTask.Task.Write(order)));
        string[] environment =
        [
            .. WorkerEnvironment.Of(order, timed: true).Where(one => one.Value is not null).Select(one => $"{one.Key}={one.Value}"),
            $"{WorkerProtocol.TaskVariable}={SpeedTask.Task.Name}",
        ];
        string[] traced = [strace, "-f", "-e", "trace=brk", "-o", folder["log"], "env", .. environment, .. ProcessMemTools.Command];
        string output = ProcessRun.Require(["sh", "-c", "exec < \"$0\"; exec \"$@\"", request, .. traced]);

        // Three rounds, one pair to warm up, and what the runtime's own malloc moved.
        int moves = File.ReadLines(folder["log"]).Count(line => line.Contains("brk(0x", StringComparison.Ordinal));
        Assert.InRange(moves, (3 * 2 * Count) + 2, (3 * 2 * Count) + 40);
        SpeedAnswer answer = AnswerIn(output);
        Skip.If(answer.SystemCalls is null, answer.SystemCallsUnknown);
        Assert.InRange(answer.SystemCalls!.Value, 2 * Count, (2 * Count) + 5);
    }

    [Fact]
    public void The_C_librarys_malloc_is_proven_by_its_mapping()
    {
        AllocatorResult result = Measure(AllocatorKind.Malloc, AllocationPattern.Batch);
        Assert.Matches(@"/(libc\.so\.6|ld-musl-.*)$", result.Library);
        // 16 bytes of header and rounding for 64 bytes, on 64-bit processors.
        Assert.InRange(result.OverheadPerBlock!.Value, 0, 64);
    }

    [SkippableTheory]
    [InlineData(AllocatorKind.TCMalloc, "libtcmalloc")]
    [InlineData(AllocatorKind.Jemalloc, "libjemalloc")]
    [InlineData(AllocatorKind.Mimalloc, "libmimalloc")]
    public void A_preloaded_malloc_is_proven_by_its_mapping(AllocatorKind kind, string name)
    {
        AllocatorResult result = Measure(kind, AllocationPattern.Batch);
        Skip.If(result.Status == "NotInstalled", result.Reason);
        Assert.Contains(name, result.Library, StringComparison.Ordinal);
        Assert.Equal("Measured", result.Status);
    }

    [Theory]
    [InlineData(AllocatorKind.TCMalloc, "libtcmalloc-minimal4")]
    [InlineData(AllocatorKind.Jemalloc, "libjemalloc2")]
    [InlineData(AllocatorKind.Mimalloc, "libmimalloc2.0")]
    public void A_missing_library_is_a_row_that_names_the_package(AllocatorKind kind, string package)
    {
        AllocatorResult result = Run(new() { Allocators = [kind], LibraryFolders = ["/nonexistent"] }).Single().Result!;
        Assert.Equal("NotInstalled", result.Status);
        Assert.Contains(package, result.Reason, StringComparison.Ordinal);
        Assert.Null(result.NanosecondsPerOperation);
        Assert.Null(result.MinorFaults);
        Assert.Null(result.UserTime);
        Assert.Null(result.HeldBytes);
    }

    [Fact]
    public void Rows_are_compared_with_rows_of_the_same_size_and_threads()
    {
        IReadOnlyList<AllocatorOutcome> outcomes = Run(new()
        {
            Allocators = [AllocatorKind.Mmap, AllocatorKind.Malloc], Threads = [1, 2], Sizes = [32], Count = Count, Repeat = 2,
        });
        AllocatorResult[] results = [.. outcomes.Select(one => one.Result!)];
        Assert.Equal([(1, "Mmap"), (1, "Malloc"), (2, "Mmap"), (2, "Malloc")], results.Select(one => (one.Threads, one.Allocator)));
        Assert.All(results.Chunk(2), pair => Assert.Equal(1, pair.Min(one => one.TimesFastest)));
        Assert.All(results.Chunk(2), pair => Assert.Equal(1, pair.Max(one => one.ShareOfSlowest)));
        Assert.All(results[..2], one => Assert.Equal(1, one.SpeedUp));
        Assert.Equal(results[0].NanosecondsPerOperation / results[2].NanosecondsPerOperation, results[2].SpeedUp);
        Assert.All(results, one => Assert.Equal(2, one.Repeat));
        Assert.Equal(results[0].BytesPerBlock, results[2].BytesPerBlock);
    }

    [Fact]
    public void Threads_do_not_share_the_break()
    {
        AllocatorOutcome outcome = Run(new() { Allocators = [AllocatorKind.Brk], Threads = [2], Count = Count }).Single();
        Assert.Equal("NotPossible", outcome.Result!.Status);
        Assert.NotNull(outcome.Result.Reason);
        Assert.Null(outcome.Result.NanosecondsPerOperation);
    }

    /// <summary>A library in the place of jemalloc's that dies in malloc: the other row still comes.</summary>
    [SkippableFact]
    public void A_worker_that_dies_is_an_error_with_its_signal()
    {
        CCompiler compiler = CCompiler.Need("gcc");
        using TempDirectory folder = new();
        const string deadly = """
            #include <stdlib.h>
            #include <stddef.h>
            extern void *__libc_malloc(size_t);
            void *malloc(size_t size) { if (size == 12347) __builtin_trap(); return __libc_malloc(size); }
            """;
        compiler.LinkLibrary(deadly, folder["libjemalloc.so.2"]);
        IReadOnlyList<AllocatorOutcome> outcomes = Run(new()
        {
            Allocators = [AllocatorKind.Jemalloc, AllocatorKind.Malloc], Sizes = [12347], Count = Count, Repeat = 2,
            LibraryFolders = [folder.Path],
        });
        Assert.Equal(ErrorKind.WorkerFailed, outcomes[0].Failure!.Kind);
        Assert.Matches("^Jemalloc, .*died of SIG(ILL|TRAP)", outcomes[0].Failure!.Message);
        Assert.Equal("Measured", outcomes[1].Result!.Status);
        Assert.Equal(1, outcomes[1].Result!.TimesFastest);
    }

    [Fact]
    public void A_library_that_the_linker_refuses_is_not_taken_for_preloaded()
    {
        using TempDirectory folder = new();
        folder.Write("libjemalloc.so.2", "no library"u8);
        AllocatorOutcome outcome = Run(new()
        {
            Allocators = [AllocatorKind.Jemalloc], Count = Count, LibraryFolders = [folder.Path],
        }).Single();
        Assert.Equal(ErrorKind.NotSupported, outcome.Failure!.Kind);
        Assert.Contains(folder.Path, outcome.Failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stopping_ends_the_worker()
    {
        using CancellationTokenSource stop = new();
        AllocatorComparison comparison = new(new() { Allocators = [AllocatorKind.Mmap], Count = 1_000_000_000 });
        stop.CancelAfter(TimeSpan.FromSeconds(1));
        Assert.ThrowsAny<OperationCanceledException>(() => comparison.Run(stop.Token));
    }

    private static AllocatorResult Measure(AllocatorKind kind, AllocationPattern pattern)
    {
        AllocatorOutcome outcome = Run(new() { Allocators = [kind], Pattern = pattern, Count = Count, Repeat = 1 }).Single();
        return outcome.Result ?? throw outcome.Failure!;
    }

    private static SpeedAnswer AnswerIn(string output)
    {
        string json = output[(output.IndexOf(WorkerProtocol.ReplyMark, StringComparison.Ordinal) + WorkerProtocol.ReplyMark.Length)..];
        return SpeedTask.Task.Read(JsonSerializer.Deserialize(json, WorkerReplyJson.Default.WorkerReply)!.Answer!);
    }

    private static IReadOnlyList<AllocatorOutcome> Run(AllocatorComparisonOptions options) =>
        new AllocatorComparison(options).Run(CancellationToken.None);
}
