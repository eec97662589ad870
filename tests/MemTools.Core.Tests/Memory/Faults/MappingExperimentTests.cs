using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What mapping and touching costs, by the number of pages and against a C program that does the same.</summary>
public class MappingExperimentTests
{
    private const long Size = 1 << 20;

    /// <summary>What the kernel may do to a thread at any moment: a page of its stack, of its code.</summary>
    private const long Stray = 5;

    private static readonly long Pages = Size / Environment.SystemPageSize;

    [Fact]
    public void A_fresh_mapping_costs_one_fault_a_page_every_time()
    {
        List<MappingFaultResult> results = Run(new() { Length = Size, Rounds = 3 });
        Assert.Equal([1, 2, 3], results.Select(result => result.Round));
        Assert.All(results, result =>
        {
            AssertFaults(Pages, result);
            Assert.InRange(result.PerfMinorFaults ?? Pages, Pages, Pages + Stray);
            Assert.Equal((Size, Pages, 0L, false), (result.Length, result.PagesTouched, result.MajorFaults, result.Reused));
            Assert.Equal((Size, 0L), (result.ResidentBytes, result.HugePageBytes));
            Assert.InRange(result.FaultsPerPage, 1, 1.1);
            Assert.Equal("NoHugePage", result.Advice ?? "NoHugePage");
        });
    }

    [Fact]
    public void Touching_the_same_mapping_again_costs_none()
    {
        List<MappingFaultResult> results = Run(new() { Length = Size, Rounds = 3, Reuse = true });
        AssertFaults(Pages, results[0]);
        Assert.All(results.Skip(1), result =>
        {
            AssertFaults(0, result);
            Assert.Equal((true, TimeSpan.Zero), (result.Reused, result.MapTime));
            Assert.Equal(result.MinorFaults == 0, result.NanosecondsPerFault is null);
        });
    }

    [Fact]
    public void Reading_anonymous_memory_maps_the_page_of_zeros_and_takes_no_memory()
    {
        MappingFaultResult result = RunOnce(new() { Length = Size, Access = PageAccess.Read });
        AssertFaults(Pages, result);
        Assert.Equal(0, result.ResidentBytes);
    }

    [SkippableTheory]
    [InlineData("anonymous write", MappingBacking.Anonymous, PageAccess.Write, false)]
    [InlineData("anonymous write populate", MappingBacking.Anonymous, PageAccess.Write, true)]
    [InlineData("private write", MappingBacking.PrivateFile, PageAccess.Write, false)]
    [InlineData("private read", MappingBacking.PrivateFile, PageAccess.Read, false)]
    [InlineData("private write populate", MappingBacking.PrivateFile, PageAccess.Write, true)]
    [InlineData("shared write", MappingBacking.SharedFile, PageAccess.Write, false)]
    [InlineData("shared read", MappingBacking.SharedFile, PageAccess.Read, false)]
    [InlineData("shared read populate", MappingBacking.SharedFile, PageAccess.Read, true)]
    public void A_C_program_that_does_the_same_has_the_same_faults(
        string words, MappingBacking backing, PageAccess access, bool populate)
    {
        using MappingProgram program = MappingProgram.Build();
        long expected = program.Faults([Size.ToString(System.Globalization.CultureInfo.InvariantCulture), .. words.Split(' ')]);
        MappingFaultResult result = RunOnce(new() { Length = Size, Backing = backing, Access = access, Populate = populate });
        Assert.InRange(result.MinorFaults, expected - Stray, expected + Stray);
    }

    [SkippableFact]
    public void Perf_stat_sees_as_many_faults_in_that_program()
    {
        Tool.Need("perf", "linux-perf");
        using MappingProgram program = MappingProgram.Build();
        long few = program.FaultsByPerf(Environment.SystemPageSize.ToString(System.Globalization.CultureInfo.InvariantCulture), "anonymous", "write");
        long many = program.FaultsByPerf((16 * Size).ToString(System.Globalization.CultureInfo.InvariantCulture), "anonymous", "write");
        MappingFaultResult result = RunOnce(new() { Length = 16 * Size });
        Assert.InRange(result.MinorFaults, many - few - 20, many - few + 20);
    }

    [SkippableFact]
    public void What_mmap_populates_is_in_getrusage_alone()
    {
        MappingFaultResult result = RunOnce(new() { Length = Size, Populate = true });
        AssertFaults(Pages, result);
        Skip.If(result.PerfRefused is not null, result.PerfRefused);
        Assert.InRange(result.PerfMinorFaults!.Value, 0, Stray);
    }

    [Theory]
    [InlineData(MappingBacking.PrivateFile)]
    [InlineData(MappingBacking.SharedFile)]
    public void Reading_a_file_maps_its_neighbours_too(MappingBacking backing)
    {
        MappingFaultResult result = RunOnce(new() { Length = Size, Backing = backing, Access = PageAccess.Read });
        long window = result.FaultAroundBytes ?? 16L * Environment.SystemPageSize;
        AssertFaults(Size / Math.Max(window, Environment.SystemPageSize), result);
        Assert.Equal(Size, result.ResidentBytes);
    }

    [Theory]
    [InlineData(PagePattern.Random, 0)]
    [InlineData(PagePattern.Stride, 1)]
    [InlineData(PagePattern.Stride, 3)]
    public void A_pattern_decides_which_pages_fault(PagePattern pattern, int pagesApart)
    {
        long stride = pagesApart * (long)Environment.SystemPageSize;
        MappingFaultResult result = RunOnce(new() { Length = Size, Pattern = pattern, StrideBytes = stride });
        long pages = pagesApart < 2 ? Pages : (Pages + pagesApart - 1) / pagesApart;
        Assert.Equal(pages, result.PagesTouched);
        AssertFaults(pages, result);
        Assert.Equal(pages * Environment.SystemPageSize, result.ResidentBytes);
        Assert.Equal(pattern == PagePattern.Stride ? stride : null, result.StrideBytes);
    }

    [SkippableFact]
    public void An_advice_to_populate_does_what_MAP_POPULATE_does()
    {
        MappingFaultResult result = RunAdvised(MemoryAdvice.PopulateWrite);
        AssertFaults(Pages, result);
        Assert.Equal(Size, result.ResidentBytes);
        Assert.InRange(result.PerfMinorFaults ?? 0, 0, Stray);
    }

    [SkippableFact]
    public void Transparent_huge_pages_make_few_faults_of_many()
    {
        Skip.If(HugePages.Policy() is null or "never", "this kernel gives no transparent huge pages");
        long huge = HugePages.TransparentSize();
        MappingFaultResult result = RunOnce(new() { Length = 4 * huge, Advice = MemoryAdvice.HugePage });
        Skip.If(result.HugePageBytes < 4 * huge, "memory has no four huge pages in one piece");
        AssertFaults(4, result);
        Assert.Equal("HugePage", result.Advice);
    }

    [SkippableFact]
    public void Huge_pages_that_nobody_reserved_are_an_error_that_says_how()
    {
        Skip.If(HugePages.ReservedSize() is null, "this kernel has no huge pages to reserve");
        long length = (HugePages.Free() + 1000) * HugePages.ReservedSize()!.Value;
        MemToolsException e = Assert.Throws<MemToolsException>(() => RunOnce(new() { Length = length, Backing = MappingBacking.Huge }));
        Assert.Equal(ErrorKind.OutOfMemory, e.Kind);
        Assert.Contains("vm.nr_hugepages", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Reserved_huge_pages_cost_a_fault_each()
    {
        Skip.If(HugePages.ReservedSize() is null, "this kernel has no huge pages to reserve");
        Skip.If(HugePages.Free() < 2, "no two huge pages are reserved: sysctl vm.nr_hugepages=2");
        long page = HugePages.ReservedSize()!.Value;
        MappingFaultResult result = RunOnce(new() { Length = page + 1, Backing = MappingBacking.Huge });
        Assert.Equal((2 * page, page, 2L, "SystemCall"), (result.Length, result.PageSize, result.PagesTouched, result.Touch));
        AssertFaults(2, result);
        Assert.Equal((2 * page, 2 * page), (result.ResidentBytes, result.HugePageBytes));
    }

    [Fact]
    public void A_users_file_is_read_and_never_changed()
    {
        using TempDirectory folder = new();
        byte[] content = Content.Random((int)Size);
        string path = folder.Write("file", content);
        MappingFaultResult written = RunOnce(new() { Length = Size, Backing = MappingBacking.PrivateFile, Path = path });
        AssertFaults(Pages, written);
        Assert.Equal(("SystemCall", path), (written.Touch, written.Path));
        MappingFaultResult read = RunOnce(
            new() { Length = Size, Backing = MappingBacking.SharedFile, Access = PageAccess.Read, Path = path });
        Assert.InRange(read.MinorFaults, 1, Pages / 2);
        Content.AssertSame(content, path);
    }

    [Fact]
    public void A_file_that_is_cut_short_meanwhile_is_an_error_and_not_a_signal()
    {
        using TempDirectory folder = new();
        string path = folder.Write("file", Content.Random((int)Size));
        using IEnumerator<MappingFaultResult> rounds = new MappingExperiment(
            new() { Length = Size, Backing = MappingBacking.SharedFile, Access = PageAccess.Read, Path = path, Rounds = 2, Reuse = true },
            CancellationToken.None).Run().GetEnumerator();
        Assert.True(rounds.MoveNext());
        File.WriteAllBytes(path, []);
        MemToolsException e = Assert.Throws<MemToolsException>(() => rounds.MoveNext());
        Assert.Equal(ErrorKind.SourceTruncated, e.Kind);
        Assert.Contains(path, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Contradictions_are_refused_before_anything_is_mapped()
    {
        MappingExperimentOptions good = new() { Length = Size };
        AssertMisuse("1 byte or more", good with { Length = 0 });
        AssertMisuse("1 byte or more", good with { Length = -1 });
        AssertMisuse("1 round", good with { Rounds = 0 });
        AssertMisuse("has no file", good with { Path = "/etc/passwd" });
        AssertMisuse("has no file", good with { Backing = MappingBacking.Huge, Path = "/etc/passwd" });
        AssertMisuse("PrivateFile", good with { Backing = MappingBacking.SharedFile, Path = "/etc/passwd" });
        AssertMisuse(
            "PrivateFile",
            good with { Backing = MappingBacking.SharedFile, Access = PageAccess.Read, Advice = MemoryAdvice.PopulateWrite, Path = "/etc/passwd" });
        AssertMisuse("needs a stride", good with { Pattern = PagePattern.Stride });
        AssertMisuse("pattern Stride", good with { StrideBytes = 4096 });
        AssertMisuse("bytes, and", good with { Backing = MappingBacking.PrivateFile, Path = "/etc/passwd" });
        AssertMisuse("regular", good with { Backing = MappingBacking.PrivateFile, Path = "/etc" });
    }

    [Theory]
    [InlineData(1L << 50)]
    [InlineData(long.MaxValue)]
    public void More_than_there_is_is_an_error_and_not_the_end(long length)
    {
        foreach (MappingBacking backing in (MappingBacking[])[MappingBacking.Anonymous, MappingBacking.PrivateFile, MappingBacking.SharedFile])
        {
            MemToolsException e = Assert.Throws<MemToolsException>(() => RunOnce(new() { Length = length, Backing = backing }));
            Assert.Equal(ErrorKind.OutOfMemory, e.Kind);
            Assert.Contains("available", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_available_is_less_than_there_is() =>
        Assert.InRange(FreeMemory.Bytes(), 1, MemoryInfo.Bytes("MemTotal")!.Value);

    [Fact]
    public void Address_space_that_cannot_be_had_is_an_error_of_mmap()
    {
        SystemCallException e = Assert.Throws<SystemCallException>(() => MappedArea.Hold(1L << 60, Environment.SystemPageSize));
        Assert.Equal(("mmap", ErrorKind.OutOfMemory), (e.Call, e.Kind));
    }

    [Fact]
    public void A_size_between_pages_is_rounded_up()
    {
        MappingFaultResult result = RunOnce(new() { Length = Environment.SystemPageSize + 1 });
        Assert.Equal((2L * Environment.SystemPageSize, 2L), (result.Length, result.PagesTouched));
    }

    [Fact]
    public void Stopping_ends_the_work_and_leaves_no_mapping()
    {
        using CancellationTokenSource stop = new();
        using IEnumerator<MappingFaultResult> rounds = new MappingExperiment(
            new() { Length = Size, Backing = MappingBacking.PrivateFile, Rounds = int.MaxValue }, stop.Token).Run().GetEnumerator();
        Assert.True(rounds.MoveNext());
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => rounds.MoveNext());
        Assert.DoesNotContain("memtools-scratch", File.ReadAllText("/proc/self/maps"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_is_where_a_huge_page_can_begin_and_is_gone_afterwards()
    {
        long alignment = 1 << 21;
        ulong address;
        using (MappedArea area = MappedArea.Hold(3 * alignment, alignment))
        {
            address = (ulong)area.Address;
            Assert.Equal(0, area.Address % alignment);
            area.Map(MemoryCalls.ProtectRead, MemoryCalls.MapPrivate | MemoryCalls.MapAnonymous | MemoryCalls.MapPopulate, Descriptor.None);
            Assert.NotNull(ResidentPages.Of(area.Address));
            OwnMaps.Mark(address, alignment);
            Assert.Equal([address], OwnMaps.Marked([address]));
            area.Unmap();
        }

        // Another thread may have these addresses by now, without the mark.
        Assert.Empty(OwnMaps.Marked([address]));
    }

    private static MappingFaultResult RunAdvised(MemoryAdvice advice)
    {
        try
        {
            return RunOnce(new() { Length = Size, Advice = advice });
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.NotSupported)
        {
            Skip.If(true, e.Message);
            throw;
        }
    }

    private static void AssertMisuse(string says, MappingExperimentOptions options)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => RunOnce(options));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
    }

    private static void AssertFaults(long expected, MappingFaultResult result) =>
        Assert.InRange(result.MinorFaults, expected, expected + Stray);

    private static MappingFaultResult RunOnce(MappingExperimentOptions options) => Assert.Single(Run(options));

    private static List<MappingFaultResult> Run(MappingExperimentOptions options) =>
        [.. new MappingExperiment(options, CancellationToken.None).Run()];
}
