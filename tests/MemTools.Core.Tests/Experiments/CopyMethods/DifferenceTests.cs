using MemTools.Experiments.CopyMethods;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Experiments.CopyMethods;

/// <summary>Each sentence that says why a measurement differs, forced by a comparison in which it must differ so.</summary>
public sealed class DifferenceTests
{
    private const int Length = 8 * 1024 * 1024;

    [Fact]
    public void A_warm_source_needs_no_DMA_from_the_disk()
    {
        CopyMethodResult row = Measure(ComparedMethod.Sendfile, ComparisonTarget.Null);
        Assert.Equal(Length, row.SourceCachedBytesBefore);
        Says(row, "No byte came from the disk by DMA: 8.0 MiB of 8.0 MiB were in the page cache.");
    }

    [SkippableFact]
    public void A_cold_source_comes_from_the_disk_and_is_waited_for()
    {
        using TempDirectory folder = new();
        string source = folder.Write("source", Content.Random(Length));
        Skip.If(FileFacts.IsTmpfs(source), "the temporary directory is in memory, from which nothing can be dropped");
        CopyMethodResult row = Measure(ComparedMethod.ReadWrite, ComparisonTarget.Null, source, SourceCache.Cold);
        Assert.Equal((Length, 0L), (row.SourceBytesDropped, row.SourceCachedBytesBefore));
        Assert.Equal(Length, row.SourceCachedBytes);
        Skip.If(row.BytesFromDisk is not >= Length, "this file system's reads are not charged to the thread that reads");
        Says(row, "8.0 MiB came from the disk, and the thread slept ");
        SaysNot(row, "were in the page cache");
    }

    [SkippableFact]
    public void A_source_that_lives_in_memory_cannot_be_dropped()
    {
        using TempDirectory folder = new(Place.Memory);
        string source = folder.Write("source", Content.Random(Length));
        CopyMethodResult row = Measure(ComparedMethod.ReadWrite, ComparisonTarget.Null, source, SourceCache.Cold);
        Assert.Equal((0L, Length), (row.SourceBytesDropped, row.SourceCachedBytesBefore));
        Says(row, "Not all of the source was cold: 0 B were dropped, 8.0 MiB stayed in the page cache");
    }

    [Theory]
    [InlineData(ComparedMethod.Sendfile)]
    [InlineData(ComparedMethod.Splice)]
    public void A_file_takes_a_copy_of_its_own(ComparedMethod method)
    {
        CopyMethodResult row = Measure(method, ComparisonTarget.File);
        Assert.Equal(1, row.TextbookCpuCopies);
        Says(row, "One CPU copy, not the 0 that is published for a socket");
        Says(row, "8.0 MiB of the destination are now in the page cache");
        SaysNot(Measure(method, ComparisonTarget.Socket), "published for a socket");
    }

    [SkippableFact]
    public void What_is_still_dirty_has_not_gone_to_the_disk()
    {
        using TempDirectory folder = new();
        Skip.If(FileFacts.IsTmpfs(folder.Path), "the temporary directory is in memory, where nothing is dirty");
        CopyMethodResult row = Measure(ComparedMethod.ReadWrite, ComparisonTarget.File);
        Skip.If(row.DestinationDirtyBytes is not > 0, "written back already, or not told by this kernel");
        Says(row, "The DMA copy to the disk is still to come: ");
    }

    [Fact]
    public void A_mapping_costs_two_calls_more()
    {
        Says(Measure(ComparedMethod.Mmap, ComparisonTarget.Null), "4 calls a round, not 2: the file is mapped window by window");
        SaysNot(Measure(ComparedMethod.Splice, ComparisonTarget.Null), "a round");
    }

    [Fact]
    public void A_socket_on_the_loopback_interface_has_no_device() =>
        Says(Measure(ComparedMethod.ReadWrite, ComparisonTarget.Socket), "No DMA copy to a device: lo hands");

    [Theory]
    [InlineData(ComparedMethod.ReadWrite, "One CPU copy, into the buffer")]
    [InlineData(ComparedMethod.Sendfile, "No copy out of the page cache at all")]
    public void The_null_device_looks_at_no_byte(ComparedMethod method, string sentence) =>
        Says(Measure(method, ComparisonTarget.Null), sentence);

    /// <summary>An interface of the test's own, in a network namespace of its own, with the feature switched off.</summary>
    [SkippableTheory]
    [InlineData("Sendfile", "sendfile", 1)]
    [InlineData("Splice", "splice", 0)]
    public void An_interface_without_scatter_gather_costs_a_copy_more(string method, string textbook, int copies)
    {
        CopyMethodResult row = OverInterfaceWithoutScatterGather(method);
        Assert.Equal((textbook, copies), (row.Textbook, row.TextbookCpuCopies));
        Says(row, "bare0 takes no packet from several places (tx-scatter-gather is switched off there)");
    }

    [SkippableFact]
    public void An_interface_without_scatter_gather_changes_nothing_for_write() =>
        SaysNot(OverInterfaceWithoutScatterGather("ReadWrite"), "scatter-gather");

    private static CopyMethodResult OverInterfaceWithoutScatterGather(string method)
    {
        Machine.NeedRoot();
        Tool.Need("unshare", "util-linux");
        Tool.Need("ip", "iproute2");
        Tool.Need("ethtool", "ethtool");
        using ProcessFolder folder = new();
        string source = folder.Write("source", 1024 * 1024, seed: 1);
        string words = string.Join(' ', ProcessMemTools.Command.Select(ProcessMemTools.Quote));
        string script = "ip link set lo up && (ip link add bare0 type dummy || ip link add bare0 type ifb) 2>/dev/null && "
            + $"ethtool -K bare0 sg off >/dev/null || exit 77; {words} compare --json --count 1 --interface bare0 --method {method} {source}";
        ProcessResult result = ProcessRun.Execute("unshare", "--net", "sh", "-c", script);
        Skip.If(result.ExitCode is 77 or 1 && result.Output.Length == 0 && !result.Error.Contains("memtools", StringComparison.Ordinal), $"no interface could be made: {result}");
        Assert.True(result.ExitCode == 0, result.ToString());
        return System.Text.Json.JsonSerializer.Deserialize<ReadRow>(result.Output)!.ToResult();
    }

    private static CopyMethodResult Measure(ComparedMethod method, ComparisonTarget target)
    {
        using TempDirectory folder = new();
        return Measure(method, target, folder.Write("source", Content.Random(Length)), SourceCache.Warm);
    }

    private static CopyMethodResult Measure(ComparedMethod method, ComparisonTarget target, string source, SourceCache cache)
    {
        CopyComparisonOptions options =
            ComparisonTests.Options(target, Path.GetDirectoryName(source)!) with { Methods = [method], Cache = cache, Count = 1 };
        return Assert.Single(new CopyMethodComparison(options).Compare(source));
    }

    private static void Says(CopyMethodResult row, string sentence) =>
        Assert.Contains(row.DiffersBecause, said => said.Contains(sentence, StringComparison.Ordinal));

    private static void SaysNot(CopyMethodResult row, string sentence) =>
        Assert.DoesNotContain(row.DiffersBecause, said => said.Contains(sentence, StringComparison.Ordinal));

    /// <summary>What the tests look at of a row that came as JSON.</summary>
    private sealed record ReadRow(string Textbook, int TextbookCpuCopies, string[] DiffersBecause)
    {
        internal CopyMethodResult ToResult() => new()
        {
            Source = string.Empty, Target = string.Empty, Destination = string.Empty, Cache = string.Empty, Method = string.Empty,
            Status = string.Empty, Length = 0, Textbook = Textbook, TextbookCpuCopies = TextbookCpuCopies, TextbookDmaCopies = 0,
            TextbookSystemCalls = 0, TextbookModeSwitches = 0, DiffersBecause = new(DiffersBecause),
        };
    }
}
