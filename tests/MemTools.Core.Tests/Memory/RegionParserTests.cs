using System.Text;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What is made of the text of /proc/PID/maps and smaps.</summary>
public class RegionParserTests
{
    [Fact]
    public void A_line_of_maps_is_taken_apart()
    {
        MemoryRegion region = Assert.Single(Parse("7f0012345000-7f0012347000 r-xp 0000a000 fe:01 4711 /usr/lib/a b.so\n", detailed: false));
        Assert.Equal((0x7f0012345000UL, 0x7f0012347000UL, 0x2000L), (region.Start, region.End, region.Size));
        Assert.Equal(("r-xp", 0xa000L, "fe:01", 4711UL), (region.Permissions, region.Offset, region.Device, region.Inode));
        Assert.Equal(("/usr/lib/a b.so", "/usr/lib/a b.so", "File", false), (region.Name, region.Path, region.Kind, region.IsDeleted));
    }

    [Theory]
    [InlineData("rw-p", "", "Anonymous", null, null)]
    [InlineData("rw-p", "[heap]", "Heap", "[heap]", null)]
    [InlineData("rw-p", "[stack]", "Stack", "[stack]", null)]
    [InlineData("rw-p", "[anon:a name]", "Anonymous", "[anon:a name]", null)]
    [InlineData("r-xp", "[vdso]", "Vdso", "[vdso]", null)]
    [InlineData("r--p", "[vvar_vclock]", "Vdso", "[vvar_vclock]", null)]
    [InlineData("--xp", "[vsyscall]", "Vdso", "[vsyscall]", null)]
    [InlineData("rw-s", "/memfd:a name (deleted)", "Shared", "/memfd:a name", null)]
    [InlineData("rw-s", "/SYSV0000162e (deleted)", "Shared", "/SYSV0000162e", null)]
    [InlineData("rw-s", "/dev/zero (deleted)", "Shared", "/dev/zero", null)]
    [InlineData("rw-p", "/anon_hugepage (deleted)", "Anonymous", "/anon_hugepage", null)]
    [InlineData("rw-s", "/dev/shm/ring", "Shared", "/dev/shm/ring", "/dev/shm/ring")]
    [InlineData("rw-s", "/dev/dri/card0", "Device", "/dev/dri/card0", "/dev/dri/card0")]
    [InlineData("r--s", "anon_inode:[perf_event]", "Device", "anon_inode:[perf_event]", null)]
    [InlineData("r--s", "/data/two\\012lines", "File", "/data/two\nlines", "/data/two\nlines")]
    public void The_name_tells_what_a_region_is(string permissions, string name, string kind, string? expected, string? path)
    {
        MemoryRegion region = Assert.Single(Parse($"1000-2000 {permissions} 00000000 00:00 0      {name}\n", detailed: false));
        Assert.Equal((kind, expected, path, false), (region.Kind, region.Name, region.Path, region.IsDeleted));
    }

    [Fact]
    public void The_mark_of_a_removed_file_is_no_part_of_its_name()
    {
        MemoryRegion region = Assert.Single(Parse("1000-2000 r--p 00000000 fe:00 7 /tmp/no such file (deleted)\n", detailed: false));
        Assert.Equal(("/tmp/no such file", true), (region.Path, region.IsDeleted));
    }

    [Fact]
    public void The_numbers_of_smaps_are_bytes_and_what_is_not_there_is_null()
    {
        const string text = "1000-5000 rw-p 00000000 00:00 0 \nSize: 16 kB\nRss: 12 kB\nPrivate_Clean: 4 kB\nPrivate_Dirty: 8 kB\nNew_Field: 3 kB\n"
            + "THPeligible:           1\nSwap: 0 kB\nVmFlags: rd wr mr \n6000-7000 r--p 00000000 00:00 0 \nRss: 4 kB\n";
        MemoryRegionDetail[] regions = [.. Parse(text, detailed: true).Cast<MemoryRegionDetail>()];
        Assert.Equal(2, regions.Length);
        Assert.Equal((12288L, 12288L, 8192L, 0L), (regions[0].ResidentBytes, regions[0].PrivateBytes, regions[0].DirtyBytes, regions[0].SwapBytes));
        Assert.Equal((true, "rd wr mr"), (regions[0].IsHugePageEligible, regions[0].VmFlags));
        Assert.Equal(((long?)4096L, (long?)null, (long?)null, (string?)null, (bool?)null),
            (regions[1].ResidentBytes, regions[1].PrivateBytes, regions[1].SwapBytes, regions[1].VmFlags, regions[1].IsHugePageEligible));
    }

    [Fact]
    public void A_field_out_of_the_usual_order_is_found()
    {
        MemoryRegion region = Assert.Single(Parse("1000-2000 rw-p 00000000 00:00 0 \nSwap: 8 kB\nRss: 4 kB\nLocked: 4 kB\n", detailed: true));
        MemoryRegionDetail detail = Assert.IsType<MemoryRegionDetail>(region);
        Assert.Equal((8192L, 4096L, 4096L), (detail.SwapBytes, detail.ResidentBytes, detail.LockedBytes));
    }

    /// <summary>Several megabytes: lines lie across every boundary of the blocks.</summary>
    [Fact]
    public void A_hundred_thousand_regions_come_out_whole()
    {
        const int count = 100_000;
        StringBuilder text = new();
        for (int i = 0; i < count; i++)
            text.Append($"{(i * 2) + 1:x}000-{(i * 2) + 2:x}000 rw-p 00000000 fe:00 {i + 1}     /file {i}\nRss: {i} kB\nVmFlags: rd wr\n");
        MemoryRegion[] regions = [.. Parse(text.ToString(), detailed: true)];
        Assert.Equal(count, regions.Length);
        for (int i = 0; i < count; i++)
        {
            MemoryRegionDetail region = (MemoryRegionDetail)regions[i];
            Assert.Equal(((ulong)(((i * 2) + 1) * 4096L), $"/file {i}", i * 1024L), (region.Start, region.Name, region.ResidentBytes));
        }
    }

    /// <summary>Names as long as the kernel can write them, at whatever place in a block.</summary>
    [Fact]
    public void Long_names_come_out_whole_wherever_they_lie() => Properties.Hold(
        Gen.Choose(0, 16_000).ListOf(60),
        lengths =>
        {
            string text = string.Concat(lengths.Select((length, i) => $"{i + 1:x}000-{i + 2:x}000 r--p 00000000 00:00 {i} /{new string('n', length)}\n"));
            Assert.Equal(lengths, Parse(text, detailed: false).Select(region => region.Name!.Length - 1));
        });

    [Fact]
    public void Text_without_a_line_feed_at_its_end_counts() =>
        Assert.Equal("[heap]", Assert.Single(Parse("1000-2000 rw-p 00000000 00:00 0 [heap]", detailed: false)).Name);

    [Theory]
    [InlineData("garbage")]
    [InlineData("1000-2000 rw-p")]
    [InlineData("1000-2000 rw-p 00000000 00:00 x")]
    public void What_is_no_map_is_an_error(string text) =>
        Assert.Throws<InvalidDataException>(() => Parse(text + "\n", detailed: false));

    private static List<MemoryRegion> Parse(string text, bool detailed)
    {
        using TempDirectory folder = new();
        string path = folder.Write("text", Encoding.UTF8.GetBytes(text));
        using BlockReader lines = new(FileFacts.Open(path, OpenFlags.ReadOnly), CancellationToken.None);
        RegionParser parser = new(Environment.ProcessId, lines, detailed);
        List<MemoryRegion> regions = [];
        while (parser.Next(out MemoryRegion? region) >= 0 && region is not null)
            regions.Add(region);
        return regions;
    }
}
