using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Native;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>What stands behind pages of this process, which it knows because it made them.</summary>
public class PageFrameTests
{
    private static readonly int Page = Environment.SystemPageSize;

    [SkippableFact]
    public void Touched_pages_are_present_and_untouched_ones_are_not()
    {
        using Mapping memory = Mapping.Memory(8 * Page);
        Marshal.WriteByte(memory.Address + (2 * Page) + 5, 1);
        PageFrame[] pages = Read((ulong)memory.Address, 4);
        Skip.If(pages[0].IsPresent, "the kernel gave a huge page at the first touch");
        Assert.Equal(["Untouched", "Untouched", "Present", "Untouched"], pages.Select(page => page.State));
        PageFrame touched = pages[2];
        Assert.Equal((false, true, false), (touched.IsFileOrShared, touched.IsExclusive, touched.IsSwapped));
        Assert.Null(pages[0].IsFileOrShared);
        Assert.Null(pages[0].Frame);
    }

    [Fact]
    public void An_address_within_a_page_is_kept_beside_the_start_of_its_page()
    {
        using Mapping memory = Mapping.Memory(Page);
        Marshal.WriteByte(memory.Address, 1);
        PageFrame page = Assert.Single(Read((ulong)memory.Address + 5, 1));
        Assert.Equal(((ulong)memory.Address + 5, (ulong)memory.Address, (long)Page), (page.Address, page.PageStart, page.PageSize));
    }

    [SkippableFact]
    public void The_frame_is_what_pagemap_holds_and_its_flags_and_count_fit()
    {
        Machine.NeedRoot();
        using Mapping memory = Mapping.Memory(Page);
        Marshal.WriteByte(memory.Address, 1);
        PageFrame page = Assert.Single(Read((ulong)memory.Address, 1));
        Skip.If(page.Frame is null, "the frames are hidden here, as from a user namespace");
        using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle("/proc/self/pagemap");
        byte[] entry = new byte[8];
        Assert.Equal(8, RandomAccess.Read(file, entry, memory.Address / Page * 8));
        Assert.Equal(BitConverter.ToUInt64(entry) & 0x007f_ffff_ffff_ffff, page.Frame);
        Assert.Equal(page.Frame * (ulong)Page, page.PhysicalAddress);
        Skip.If(page.Flags is null, "no /proc/kpageflags here");
        Assert.Contains("Anon", page.Flags!.Split(", "));
        Assert.Contains("Mmap", page.Flags.Split(", "));
        Assert.Equal(1, page.MapCount);
    }

    [Fact]
    public void A_page_of_a_file_is_told_from_one_of_the_process_alone()
    {
        using TempDirectory folder = new();
        using Descriptor file = FileFacts.Open(folder.Write("file", Content.Random(Page)), OpenFlags.ReadOnly);
        Assert.Equal(0, Mapping.TryMapFile(file, 0, Page, out Mapping? window));
        using (window)
        {
            window!.Populate();
            PageFrame page = Assert.Single(Read((ulong)window.Address, 1));
            Assert.Equal((true, true), (page.IsPresent, page.IsFileOrShared));
        }
    }

    /// <summary>A page just written is soft-dirty where the kernel keeps the bit; elsewhere nothing is said.</summary>
    [Fact]
    public void Soft_dirty_is_true_for_a_page_just_written_or_not_told()
    {
        using Mapping memory = Mapping.Memory(Page);
        Marshal.WriteByte(memory.Address, 1);
        PageFrame page = Assert.Single(Read((ulong)memory.Address, 1));
        Assert.NotEqual(false, page.IsSoftDirty);
        if (page.IsSoftDirty is null)
            Assert.Contains("CONFIG_MEM_SOFT_DIRTY", page.Hidden, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(1UL << 63)]
    [InlineData(0xdead_0000_0000_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void An_address_that_is_not_mapped_is_an_error(ulong address)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => Read(address, 1));
        Assert.Equal(ErrorKind.NotFound, e.Kind);
        Assert.Contains($"0x{address:x}", e.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Pages_before_one_that_is_not_mapped_are_returned()
    {
        using TempDirectory folder = new();
        // Of a process that waits: what is unmapped here is another thread's the next moment.
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap");
        MemoryRegion heap = Assert.Single(MemoryMap.Read(program.Id, detailed: false, CancellationToken.None), region => region.Kind == "Heap");
        List<PageFrame> pages = [];
        using PageFrameReader reader = new(program.Id);
        using IEnumerator<PageFrame> found = reader.Read(heap.End - (2 * (ulong)Page), 3, CancellationToken.None).GetEnumerator();
        MemToolsException error = Assert.Throws<MemToolsException>(() =>
        {
            while (found.MoveNext())
                pages.Add(found.Current);
        });
        Assert.Equal((2, ErrorKind.NotFound), (pages.Count, error.Kind));
    }

    [Fact]
    public void The_bits_are_where_the_kernel_documents_them()
    {
        PageMapEntry entry = new((1UL << 62) | (7UL << 5) | 3);
        Assert.Equal((true, false, 3, 7L), (entry.IsSwapped, entry.IsPresent, entry.SwapType, entry.SwapOffset));
        entry = new((1UL << 63) | (1UL << 61) | (1UL << 57) | (1UL << 56) | (1UL << 55) | 0x1234);
        Assert.Equal((true, true, true, true, true, 0x1234UL),
            (entry.IsPresent, entry.IsFileOrShared, entry.IsWriteProtected, entry.IsExclusive, entry.IsSoftDirty, entry.Frame));
        Assert.Equal("Locked, Huge, Thp, Reserved, Bit63", PageFlags.Text(1 | (1UL << 17) | (1UL << 22) | (1UL << 32) | (1UL << 63)));
    }

    private static PageFrame[] Read(ulong address, long count)
    {
        using PageFrameReader reader = new(Environment.ProcessId);
        return [.. reader.Read(address, count, CancellationToken.None)];
    }
}
