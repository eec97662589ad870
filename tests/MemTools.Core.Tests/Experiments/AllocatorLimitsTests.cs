using MemTools.Experiments;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Experiments;

/// <summary>Work that is refused before anything is started.</summary>
public class AllocatorLimitsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_size_out_of_range_is_misuse(long size) => Refused(ErrorKind.Misuse, new() { Sizes = [size] });

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    public void A_count_below_the_threads_is_misuse(long count) => Refused(ErrorKind.Misuse, new() { Count = count });

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_number_of_threads_out_of_range_is_misuse(int threads) => Refused(ErrorKind.Misuse, new() { Threads = [1, threads] });

    [Theory]
    [InlineData(0)]
    [InlineData(1001)]
    public void A_number_of_repeats_out_of_range_is_misuse(int repeat) => Refused(ErrorKind.Misuse, new() { Repeat = repeat });

    [Fact]
    public void An_odd_number_of_threads_cannot_be_paired() =>
        Refused(ErrorKind.Misuse, new() { Pattern = AllocationPattern.ProducerConsumer, Threads = [3] });

    [Theory]
    [InlineData(1L << 40, 1)]
    [InlineData(64, 1L << 50)]
    [InlineData(1L << 45, long.MaxValue)]
    public void Work_that_does_not_fit_into_memory_is_refused(long size, long count)
    {
        MemToolsException e = Refused(ErrorKind.OutOfMemory, new() { Sizes = [size], Count = count, Pattern = AllocationPattern.Batch });
        Assert.Contains("are available", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_operations_need_no_more_memory_than_few_where_each_block_is_released_at_once() =>
        _ = new AllocatorComparison(new() { Count = long.MaxValue, Pattern = AllocationPattern.Pair });

    [Fact]
    public void An_array_has_fewer_bytes_than_other_blocks()
    {
        Assert.NotNull(AllocatorLimits.WhyNot(AllocatorKind.ManagedArray, AllocationPattern.Pair, 1L << 31, 1));
        Assert.NotNull(AllocatorLimits.WhyNot(AllocatorKind.ArrayPool, AllocationPattern.Fragment, 1L << 30, 1));
        Assert.Null(AllocatorLimits.WhyNot(AllocatorKind.ArrayPool, AllocationPattern.Pair, 1L << 30, 1));
        Assert.Null(AllocatorLimits.WhyNot(AllocatorKind.Malloc, AllocationPattern.Pair, 1L << 31, 1));
    }

    [Fact]
    public void A_library_is_found_by_any_of_its_names_and_not_elsewhere()
    {
        using TempDirectory folder = new();
        PreloadedLibrary library = PreloadedLibrary.Of(AllocatorKind.TCMalloc)!;
        Assert.Null(library.Find([folder.Path]));
        string file = folder.Write("real", "x"u8);
        File.CreateSymbolicLink(folder["libtcmalloc.so.4"], file);
        Assert.Equal(file, library.Find(["/nonexistent", folder.Path]));
    }

    private static MemToolsException Refused(ErrorKind kind, AllocatorComparisonOptions options)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => new AllocatorComparison(options));
        Assert.Equal(kind, e.Kind);
        return e;
    }
}
