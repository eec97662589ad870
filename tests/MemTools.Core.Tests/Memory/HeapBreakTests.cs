using System.Text;
using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>The program break and what lies around it, beside what a program says of itself.</summary>
public class HeapBreakTests
{
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    [SkippableTheory]
    [InlineData("gcc")]
    [InlineData("musl-gcc")]
    public void The_addresses_are_those_that_the_program_sees(string compiler)
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder, compiler), "heap");
        ulong[] told = program.Addresses(0);
        (ulong programBreak, ulong dataEnd, ulong bssEnd, ulong stack) = (told[0], told[1], told[2], told[3]);
        HeapBreak found = HeapBreakReader.Read(program.Id, CancellationToken.None);
        Assert.Equal((programBreak + Page - 1) / Page * Page, found.ProgramBreak);
        Assert.Equal("/proc/PID/maps", found.BreakSource);
        Assert.Equal(dataEnd, found.DataEnd);
        // The linker puts the symbol on the next multiple of eight.
        Assert.InRange(found.BssEnd!.Value, bssEnd - 8, bssEnd);
        Assert.InRange(found.StackStart!.Value, stack, stack + 65536);
        Assert.True(found.HeapSize >= 100_000, $"{found.HeapSize}");
        Assert.InRange(found.HeapResidentBytes!.Value, 20_000, found.HeapSize!.Value);
        Assert.Equal((long)found.HeapStart! - (long)found.BssEnd!, found.HeapGap);
        Assert.Null(found.Hidden);
    }

    [SkippableFact]
    public void The_resident_part_is_what_smaps_says()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap");
        HeapBreak found = HeapBreakReader.Read(program.Id, CancellationToken.None);
        long resident = MemoryMap.Read(program.Id, detailed: true, CancellationToken.None)
            .OfType<MemoryRegionDetail>().Where(region => region.Kind == "Heap").Sum(region => region.ResidentBytes!.Value);
        Assert.Equal(resident, found.HeapResidentBytes);
    }

    [SkippableFact]
    public void The_mmap_area_starts_behind_its_highest_mapping()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap");
        string highest = Tool.RunChecked(
            "awk", "$6 == \"[stack]\" { exit } $6 !~ /^\\[/ { split($1, at, \"-\"); last = at[2] } END { printf \"%s\", last }", $"/proc/{program.Id}/maps");
        Assert.Equal(Convert.ToUInt64(highest, 16), HeapBreakReader.Read(program.Id, CancellationToken.None).MmapStart);
    }

    [SkippableFact]
    public void Without_random_addresses_the_heap_follows_bss()
    {
        string setarch = Tool.Need("setarch", "util-linux");
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(setarch, "-R", WatchedProgram.Compile(folder), "heap");
        HeapBreak found = HeapBreakReader.Read(program.Id, CancellationToken.None);
        Assert.Equal((true, "Off"), (found.NoRandomize, found.Randomization));
        Assert.InRange(found.HeapGap!.Value, 0, (long)Page);
    }

    [SkippableFact]
    public void With_the_old_layout_the_mmap_area_starts_with_the_dynamic_loader()
    {
        string setarch = Tool.Need("setarch", "util-linux");
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(setarch, "-L", WatchedProgram.Compile(folder), "heap");
        string lowest = Tool.RunChecked("awk", "$6 ~ /ld-/ { split($1, at, \"-\"); printf \"%s\", at[1]; exit }", $"/proc/{program.Id}/maps");
        Assert.Equal(Convert.ToUInt64(lowest, 16), HeapBreakReader.Read(program.Id, CancellationToken.None).MmapStart);
    }

    /// <summary>Other tests move the break meanwhile, so it lies between what is read before and after.</summary>
    [Fact]
    public void Ones_own_break_is_the_end_of_the_heap()
    {
        HeapBreak found = HeapBreakReader.Read(Environment.ProcessId, CancellationToken.None);
        Assert.Equal("sbrk(0)", found.BreakSource);
        MemoryRegion? heap = MemoryMap.Read(Environment.ProcessId, detailed: false, CancellationToken.None)
            .FirstOrDefault(region => region.Kind == "Heap");
        if (heap is null)
            Assert.Equal(0, found.HeapSize);
        else
            Assert.InRange(found.ProgramBreak!.Value, heap.Start, heap.End + (64UL << 20));
    }

    [Fact]
    public void The_setting_is_the_kernels()
    {
        string setting = File.ReadAllText("/proc/sys/kernel/randomize_va_space").Trim();
        Assert.Equal(setting, $"{HeapBreakReader.Read(Environment.ProcessId, CancellationToken.None).RandomizeVaSpace}");
    }

    [SkippableFact]
    public void A_name_with_parentheses_spaces_and_line_feeds_does_not_upset_the_fields()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder, name: "a) R 1\n(b) c"), "heap");
        HeapBreak found = HeapBreakReader.Read(program.Id, CancellationToken.None);
        Assert.Equal("a) R 1\n(b) c", found.ProcessName);
        Assert.Equal(program.Addresses(0)[1], found.DataEnd);
    }

    [Fact]
    public void Addresses_that_the_kernel_hides_are_null()
    {
        const string text = "1 (init) S 0 0 0 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 10 4996 44 18446744073709551615 1 1 0 0 0 0 0 4096 1256 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
        ProcessStat stat = ProcessStat.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal(("init", 'S', false, false), (stat.Name, stat.State, stat.IsKernelThread, stat.IsZombie));
        Assert.Equal((null, null, null, null), (stat.StartStack, stat.StartData, stat.EndData, stat.StartBreak));
    }

    [Fact]
    public void A_process_that_never_was_is_not_found() =>
        Assert.Equal(ErrorKind.ProcessNotFound, Assert.Throws<MemToolsException>(() => HeapBreakReader.Read(int.MaxValue, CancellationToken.None)).Kind);
}
