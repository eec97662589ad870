using System.Globalization;
using System.Xml.Linq;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What is read from malloc_info is what mallinfo2 counts, and what is in the heap.</summary>
public class MallocHeapTests
{
    /// <summary>Makes a heap with all kinds of free chunks, and says what mallinfo2 counts.</summary>
    private const string KnownHeap = """
        #define _GNU_SOURCE
        #include <malloc.h>
        #include <stdio.h>
        #include <stdlib.h>
        static char buffer[65536];
        static char *hold[64], *wall[64];
        static void make(int from, int count, size_t size) {
            for (int i = from; i < from + count; i++) { hold[i] = malloc(size); wall[i] = malloc(24); }
        }
        static void drop(int from, int count) { for (int i = from; i < from + count; i++) free(hold[i]); }
        int main(void) {
            setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
            void *mapped = malloc(1000000);
            make(0, 12, 100);   /* 7 for the cache, 5 for a fast bin */
            make(12, 11, 500);  /* 7 for the cache, 4 for a small bin */
            make(23, 2, 3000);  /* a large bin */
            make(25, 1, 2000);  /* the unsorted bin */
            drop(12, 13);
            wall[30] = malloc(60000); /* sorts what is unsorted into its bins */
            drop(0, 12);
            drop(25, 1);
            struct mallinfo2 info = mallinfo2();
            malloc_info(0, stdout);
            printf("\n%zu %zu %zu %zu %zu %zu %zu %zu\n", info.arena, info.uordblks, info.fordblks, info.fsmblks, info.smblks,
                   info.keepcost, info.hblks, info.hblkhd);
            return mapped == 0;
        }
        """;

    [SkippableFact]
    public void The_report_of_a_known_heap_is_read_as_mallinfo2_counts_it()
    {
        Skip.IfNot(GlibcMalloc.Current is { HasInfo: true }, "needs glibc 2.33 or newer");
        using CProgram program = CProgram.Compile(KnownHeap);
        string output = program.Run().TrimEnd();
        int last = output.LastIndexOf('\n');
        long[] counted = [.. output[(last + 1)..].Split(' ').Select(word => long.Parse(word, CultureInfo.InvariantCulture))];
        MallocHeap heap = MallocHeapReader.Parse(XDocument.Parse(output[..last]).Root!, null);
        MallocArena arena = Assert.Single(heap.Arenas);
        long[] read =
        [
            heap.SystemBytes, heap.InUseBytes, heap.FreeBytes, arena.FastBytes, arena.Bins.Where(bin => bin.Kind == "Fast").Sum(bin => bin.Count),
            arena.TopBytes!.Value, heap.MappedBlocks, heap.MappedBytes,
        ];
        Assert.Equal(counted, read);
        Assert.Equal(
            [("Fast", 112, 112, 5, 560), ("Small", 512, 512, 4, 2048), ("Large", 3008, 3008, 2, 6016), ("Unsorted", 2016, 2016, 1, 2016)],
            arena.Bins.Select(bin => (bin.Kind, bin.SmallestChunk, bin.LargestChunk, bin.Count, bin.Bytes)));
        Assert.Equal("Break", arena.Backing);
        Assert.Equal(arena.TopBytes, heap.TrimmableBytes);
    }

    [Fact]
    public void Each_kind_of_bin_and_an_old_report_without_the_top_are_read()
    {
        const string report = """
            <malloc version="1">
            <heap nr="0"><sizes>
              <size from="33" to="48" total="96" count="2"/>
              <size from="65" to="65" total="195" count="3"/>
              <size from="1041" to="5009" total="12147" count="3"/>
              <unsorted from="49" to="4097" total="4146" count="2"/>
            </sizes>
            <total type="fast" count="2" size="96"/><total type="rest" count="8" size="16488"/>
            <system type="current" size="200000"/><system type="max" size="300000"/></heap>
            <heap nr="1"><sizes/>
            <total type="fast" count="0" size="0"/><total type="rest" count="1" size="130000"/>
            <system type="current" size="135168"/><system type="max" size="135168"/></heap>
            <total type="mmap" count="2" size="400000"/>
            </malloc>
            """;
        MallocHeap heap = MallocHeapReader.Parse(XDocument.Parse(report).Root!, "/lib/other.so");
        MallocArena old = heap.Arenas[0];
        Assert.Equal(["Fast", "Small", "Large", "Unsorted"], old.Bins.Select(bin => bin.Kind));
        Assert.Equal([48, 64, 1040, 48], old.Bins.Select(bin => bin.SmallestChunk));
        Assert.Equal([48, 64, 5008, 4096], old.Bins.Select(bin => bin.LargestChunk));
        Assert.Equal([96, 192, 12144, 4144], old.Bins.Select(bin => bin.Bytes));
        Assert.Null(old.TopBytes);
        Assert.Equal(130_000, heap.Arenas[1].TopBytes);
        Assert.Equal("Mapping", heap.Arenas[1].Backing);
        Assert.Equal(5168, heap.Arenas[1].InUseBytes);
        Assert.Equal(335_168, heap.SystemBytes);
        Assert.Equal((2, 400_000), (heap.MappedBlocks, heap.MappedBytes));
        Assert.Equal("/lib/other.so", heap.ForeignAllocator);
    }

    [SkippableFact]
    public void The_heap_of_this_process_adds_up()
    {
        Skip.If(GlibcMalloc.Current is null, "not glibc");
        MallocHeap heap = MallocHeapReader.Read();
        Assert.Equal(Environment.ProcessId, heap.ProcessId);
        Assert.Null(heap.ForeignAllocator);
        Assert.NotEmpty(heap.Arenas);
        Assert.All(heap.Arenas, arena => Assert.Equal(arena.SystemBytes, arena.InUseBytes + arena.FreeBytes));
        Assert.All(heap.Arenas, arena => Assert.Equal(arena.FreeBytes, arena.Bins.Sum(bin => bin.Bytes) + (arena.TopBytes ?? 0)));
        Assert.All(heap.Arenas.SelectMany(arena => arena.Bins), bin => Assert.True(bin.SmallestChunk % 16 == 0 && bin.SmallestChunk <= bin.LargestChunk));
        Assert.StartsWith("<malloc", MallocHeapReader.ReadXml(), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Reading_the_heap_leaves_no_descriptor_behind()
    {
        Skip.If(GlibcMalloc.Current is null, "not glibc");
        for (int i = 0; i < 20; i++)
            MallocHeapReader.ReadXml();
        // By name: other tests open and close files of their own meanwhile.
        Assert.DoesNotContain(Directory.GetFileSystemEntries("/proc/self/fd"), link =>
            new FileInfo(link).LinkTarget?.Contains("memfd:malloc_info", StringComparison.Ordinal) == true);
    }

    public static TheoryData<string, long> OutOfRange => new()
    {
        { "MmapThreshold", -1 }, { "MmapThreshold", 33_554_433 }, { "TrimThreshold", -2 }, { "TrimThreshold", 1L << 31 },
        { "TopPad", -1 }, { "TopPad", 1L << 31 }, { "ArenaMaximum", 0 }, { "ArenaTest", 0 }, { "MaximumFastSize", 161 },
        { "MaximumFastSize", -1 }, { "MmapMaximum", -1 }, { "Perturb", 256 }, { "Perturb", -1 }, { "TopPad", 1L << 32 },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Values_out_of_range_are_refused_before_mallopt_sees_them(string option, long value)
    {
        MallocOptionKind kind = (MallocOptionKind)typeof(MallocOptionKind).GetProperty(option)!.GetValue(null)!;
        MemToolsException e = Assert.Throws<MemToolsException>(() => kind.Set(value));
        Assert.Equal(ErrorKind.Misuse, e.Kind);
        Assert.Contains(option, e.Message, StringComparison.Ordinal);
    }
}
