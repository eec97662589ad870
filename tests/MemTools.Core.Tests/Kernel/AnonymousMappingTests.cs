using MemTools.Kernel;

namespace MemTools.Tests.Kernel;

/// <summary>Memory of one's own: aligned, locked, of huge pages, and what is said where that cannot be had.</summary>
public class AnonymousMappingTests
{
    private static readonly int Page = Environment.SystemPageSize;

    [Fact]
    public unsafe void Any_alignment_is_kept_and_no_neighbour_is_touched()
    {
        for (long alignment = 1; alignment <= 1L << 30; alignment *= 2)
        {
            using Mapping mapping = AnonymousMapping.Map(Page + 1, alignment: alignment);
            Assert.Equal(0, mapping.Address % alignment);
            Assert.Equal(2 * Page, mapping.Length);
            Span<byte> bytes = new((void*)mapping.Address, 2 * Page);
            Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
            bytes.Fill(1);
        }
    }

    [Fact]
    public void Locked_memory_is_in_memory_and_locked()
    {
        using Mapping mapping = AnonymousMapping.Map(4 * Page, locked: true);
        Assert.Contains("lo", VmFlags(mapping), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Huge_pages_that_are_not_reserved_are_an_error_that_says_how_to_reserve_them()
    {
        Skip.If(HugePages.ReservedSize() is null, "this kernel has no huge pages to reserve");
        long pages = HugePages.Free() + 1000;
        MemToolsException error = Assert.Throws<MemToolsException>(
            () => AnonymousMapping.Map(pages * HugePages.ReservedSize()!.Value, hugePage: true));
        Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
        Assert.Contains($"{pages} huge pages", error.Message, StringComparison.Ordinal);
        Assert.Contains("sysctl vm.nr_hugepages=", error.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public unsafe void Huge_pages_that_are_reserved_are_taken_and_given_back_when_discarded()
    {
        Skip.If(HugePages.Free() < 1, "no huge page is reserved: sysctl vm.nr_hugepages=1");
        long size = HugePages.ReservedSize()!.Value;
        using Mapping mapping = AnonymousMapping.Map(1, hugePage: true);
        Assert.Equal((size, 0L), (mapping.Length, mapping.Address % size));
        Assert.Contains("ht", VmFlags(mapping), StringComparison.Ordinal);
        AnonymousMapping.Discard(mapping);
        Assert.Equal(0, *(byte*)mapping.Address);
        Assert.DoesNotContain("ht", VmFlags(mapping), StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_there_are_addresses_is_an_error_that_names_the_limits()
    {
        MemToolsException error = Assert.Throws<MemToolsException>(() => AnonymousMapping.Map(1L << 50));
        Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
        Assert.Contains("ulimit -v", error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.OutOfMemory, Assert.Throws<MemToolsException>(() => AnonymousMapping.Map(long.MaxValue)).Kind);
    }

    [Fact]
    public void More_locked_memory_than_is_free_is_refused_before_anything_is_killed_for_it()
    {
        MemToolsException error = Assert.Throws<MemToolsException>(() => AnonymousMapping.Map(FreeMemory.Bytes() * 4, locked: true));
        Assert.Equal(ErrorKind.OutOfMemory, error.Kind);
        Assert.Contains("are available", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void What_is_discarded_reads_as_zero_and_keeps_its_place()
    {
        using Mapping mapping = AnonymousMapping.Map(4 * Page, locked: true);
        byte* first = (byte*)mapping.Address;
        first[0] = first[(4 * Page) - 1] = 7;
        AnonymousMapping.Discard(mapping);
        Assert.Equal((0, 0), (first[0], first[(4 * Page) - 1]));
        Assert.DoesNotContain("lo", VmFlags(mapping), StringComparison.Ordinal);
        mapping.Dispose();
        Assert.Throws<ObjectDisposedException>(() => AnonymousMapping.Discard(mapping));
    }

    /// <summary>What /proc/self/smaps says of the mapping that holds it, which a neighbour may be part of.</summary>
    private static string VmFlags(Mapping mapping)
    {
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] ends = line.Split(' ')[0].Split('-');
            if (ends.Length == 2 && nint.TryParse(ends[0], System.Globalization.NumberStyles.HexNumber, null, out nint start))
                inside = start <= mapping.Address && mapping.Address < nint.Parse(ends[1], System.Globalization.NumberStyles.HexNumber, null);
            else if (inside && line.StartsWith("VmFlags:", StringComparison.Ordinal))
                return line;
        }

        return string.Empty;
    }
}
