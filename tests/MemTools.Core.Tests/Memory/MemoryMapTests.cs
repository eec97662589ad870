using MemTools.Kernel;
using MemTools.Memory;
using MemTools.Tests.Support;

namespace MemTools.Tests.Memory;

/// <summary>The regions of real processes, beside what awk makes of the same text and what the process says of itself.</summary>
public class MemoryMapTests
{
    [SkippableFact]
    public void The_regions_are_those_that_awk_finds()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap", "shared");
        string expected = Tool.RunChecked("awk", "{ split($1, at, \"-\"); print at[1], at[2], $2, $4, $5 }", $"/proc/{program.Id}/maps");
        IEnumerable<string> found = MemoryMap.Read(program.Id, detailed: false, CancellationToken.None)
            .Select(region => $"{region.Start:x8} {region.End:x8} {region.Permissions} {region.Device} {region.Inode}\n");
        Assert.Equal(expected, string.Concat(found));
    }

    [SkippableFact]
    public void The_numbers_are_those_that_awk_adds_up()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap");
        string text = folder["smaps"];
        MemoryRegionDetail[] regions = WhileUnchanged(
            program, text, () => MemoryMap.Read(program.Id, detailed: true, CancellationToken.None).Cast<MemoryRegionDetail>().ToArray());
        Assert.Equal(Sum(text, "Rss"), regions.Sum(region => region.ResidentBytes));
        Assert.Equal(Sum(text, "Pss"), regions.Sum(region => region.ProportionalBytes));
        Assert.Equal(Sum(text, "Private_Clean") + Sum(text, "Private_Dirty"), regions.Sum(region => region.PrivateBytes));
        Assert.Equal(Sum(text, "Shared_Clean") + Sum(text, "Shared_Dirty"), regions.Sum(region => region.SharedBytes));
        Assert.Equal(Sum(text, "Anonymous"), regions.Sum(region => region.AnonymousBytes));
        Assert.Equal(Sum(text, "Size"), regions.Sum(region => region.Size));
        Assert.True(regions.Sum(region => region.ResidentBytes) > 0);
    }

    [SkippableFact]
    public void The_totals_are_the_sums_of_the_regions_and_the_kernels_own()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap", "shared", "memfd");
        MemoryMapTotal[] totals = WhileUnchanged(
            program, folder["smaps"], () => MemoryMapSummary.Read(program.Id, [], CancellationToken.None).ToArray());
        MemoryMapTotal total = totals[^1];
        Assert.Equal("Total", total.Kind);
        Assert.Equal(File.ReadLines($"/proc/{program.Id}/maps").Count(), total.Regions);
        Assert.Equal(total.Regions, totals[..^1].Sum(kind => kind.Regions));
        Assert.Equal(total.ResidentBytes, totals[..^1].Sum(kind => kind.ResidentBytes));
        Assert.Equal(total.PrivateBytes, totals[..^1].Sum(kind => kind.PrivateBytes));
        Assert.Equal(2, totals.Single(kind => kind.Kind == "Shared").Regions);
        string rollup = Tool.RunChecked("awk", "$1 == \"Rss:\" { print $2 * 1024 }", $"/proc/{program.Id}/smaps_rollup");
        Assert.Equal(rollup.Trim(), $"{total.ResidentBytes}");
    }

    [SkippableFact]
    public void Files_keep_their_names_whatever_these_hold()
    {
        using TempDirectory folder = new();
        string program = WatchedProgram.Compile(folder);
        string[] names = ["with spaces", "two\nlines", "back\\012slash", "really (deleted)", "removed", "removed\nlines"];
        string[] paths = [.. names.Select(name => folder.Write(name, [1, 2, 3]))];
        string[] words = [.. paths.Select(path => "map:" + path), .. paths.Where(path => path.Contains("/removed", StringComparison.Ordinal)).Select(path => "remove:" + path)];
        using WatchedProgram run = WatchedProgram.Start([program, .. words]);
        IReadOnlyList<MemoryRegion> regions = MemoryMap.Read(run.Id, detailed: false, CancellationToken.None);
        for (int i = 0; i < names.Length; i++)
        {
            MemoryRegion region = MemoryMap.Find(regions, run.Id, run.Addresses(i)[0]);
            bool isRemoved = names[i].StartsWith("removed", StringComparison.Ordinal);
            Assert.Equal(("File", isRemoved), (region.Kind, region.IsDeleted));
            // A line feed of a removed file cannot be looked up by its name, and is taken for what it nearly always is.
            Assert.Equal(paths[i], region.Path);
        }
    }

    [SkippableFact]
    public void Memory_without_a_file_is_told_by_its_kind()
    {
        using TempDirectory folder = new();
        using WatchedProgram run = WatchedProgram.Start(WatchedProgram.Compile(folder), "memfd", "sysv", "shared");
        IReadOnlyList<MemoryRegion> regions = MemoryMap.Read(run.Id, detailed: false, CancellationToken.None);
        MemoryRegion[] found = [.. Enumerable.Range(0, 3).Select(line => MemoryMap.Find(regions, run.Id, run.Addresses(line)[0]))];
        Assert.All(found, region => Assert.Equal(("Shared", null, false), (region.Kind, region.Path, region.IsDeleted)));
        Assert.Equal(("/memfd:a name", "/SYSV00000000", "/dev/zero"), (found[0].Name, found[1].Name, found[2].Name));
    }

    [SkippableFact]
    public void A_hundred_thousand_regions_are_read()
    {
        const string limitPath = "/proc/sys/vm/max_map_count";
        const int count = 100_000;
        Machine.NeedRoot();
        using TempDirectory folder = new();
        string program = WatchedProgram.Compile(folder);
        string limit = File.ReadAllText(limitPath);
        try
        {
            try
            {
                File.WriteAllText(limitPath, "200000");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Skip.If(true, $"{limitPath} cannot be raised here: {e.Message}");
            }

            using WatchedProgram run = WatchedProgram.Start(program, $"regions:{count}");
            IReadOnlyList<MemoryRegion> regions = MemoryMap.Read(run.Id, detailed: true, CancellationToken.None);
            Assert.Equal(File.ReadLines($"/proc/{run.Id}/maps").Count(), regions.Count);
            Assert.True(regions.Count > count, $"only {regions.Count}");
            Assert.All(regions.Zip(regions.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        }
        finally
        {
            File.WriteAllText(limitPath, limit);
        }
    }

    [SkippableFact]
    public void A_process_that_ended_is_not_found()
    {
        using TempDirectory folder = new();
        int id;
        using (WatchedProgram run = WatchedProgram.Start(WatchedProgram.Compile(folder)))
            id = run.Id;
        Assert.Equal(ErrorKind.ProcessNotFound, Refusal(id).Kind);
    }

    [SkippableFact]
    public void A_zombie_has_no_memory_and_the_error_says_so()
    {
        using TempDirectory folder = new();
        using WatchedProgram run = WatchedProgram.Start(WatchedProgram.Compile(folder), "zombie");
        int zombie = int.Parse(run.Lines[0], System.Globalization.CultureInfo.InvariantCulture);
        foreach (bool detailed in (bool[])[false, true])
        {
            MemToolsException e = Refusal(zombie, detailed);
            Assert.Equal(ErrorKind.NoUserMemory, e.Kind);
            Assert.Contains("zombie", e.Message, StringComparison.Ordinal);
        }

        Assert.Equal(ErrorKind.NoUserMemory, Assert.Throws<MemToolsException>(() => HeapBreakReader.Read(zombie, CancellationToken.None)).Kind);
        Assert.Equal(ErrorKind.NoUserMemory, Assert.Throws<MemToolsException>(() => new PageFrameReader(zombie)).Kind);
    }

    [SkippableFact]
    public void A_thread_of_the_kernel_has_no_memory_and_the_error_says_so()
    {
        const int threadd = 2;
        Skip.IfNot(ProcessStat.TryRead(threadd)?.IsKernelThread == true, "process 2 is no thread of the kernel: a container");
        Machine.NeedRoot();
        MemToolsException e = Refusal(threadd);
        Assert.Equal(ErrorKind.NoUserMemory, e.Kind);
        Assert.Contains("thread of the kernel", e.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorKind.NoUserMemory, Assert.Throws<MemToolsException>(() => new PageFrameReader(threadd)).Kind);
    }

    [Fact]
    public void An_address_that_nothing_is_mapped_at_is_an_error_that_names_the_neighbours()
    {
        IReadOnlyList<MemoryRegion> regions = MemoryMap.Read(Environment.ProcessId, detailed: false, CancellationToken.None);
        MemToolsException e = Assert.Throws<MemToolsException>(() => MemoryMap.Find(regions, Environment.ProcessId, 0));
        Assert.Equal(ErrorKind.NotFound, e.Kind);
        Assert.Contains($"begins at 0x{regions[0].Start:x}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("below", e.Message, StringComparison.Ordinal);
        foreach (ulong address in (ulong[])[1UL << 63, 0xdead_0000_0000_0000])
            Assert.Throws<MemToolsException>(() => MemoryMap.Find(regions, Environment.ProcessId, address));
    }

    /// <summary>Of a process that waits: while one reads its own, its threads map and unmap.</summary>
    [SkippableFact]
    public void The_first_and_the_last_byte_of_a_region_are_in_it_and_the_next_is_not()
    {
        using TempDirectory folder = new();
        using WatchedProgram program = WatchedProgram.Start(WatchedProgram.Compile(folder), "heap", "shared");
        MemoryRegion[] regions = [.. MemoryMap.Read(program.Id, detailed: false, CancellationToken.None)];
        foreach (MemoryRegion region in regions)
        {
            Assert.Same(region, MemoryMap.Find(regions, 1, region.Start));
            Assert.Same(region, MemoryMap.Find(regions, 1, region.End - 1));
        }

        MemoryRegion[] first = [regions[0]];
        Assert.Throws<MemToolsException>(() => MemoryMap.Find(first, 1, regions[0].End));
    }

    [Fact]
    public void Reading_stops_when_it_is_to()
    {
        Assert.Throws<OperationCanceledException>(() => MemoryMap.Read(Environment.ProcessId, detailed: true, new CancellationToken(canceled: true)));
    }

    private static MemToolsException Refusal(int process, bool detailed = false) =>
        Assert.Throws<MemToolsException>(() => MemoryMap.Read(process, detailed, CancellationToken.None));

    /// <summary>
    /// Other processes that map the C library come and go, and a page's share (Pss) and whether it is shared change with
    /// them. So it is read until the text is the same before and after; that text is kept in a file.
    /// </summary>
    private static T WhileUnchanged<T>(WatchedProgram program, string textFile, Func<T> read)
    {
        for (int attempt = 0; attempt < 1000; attempt++)
        {
            string before = File.ReadAllText($"/proc/{program.Id}/smaps");
            T result = read();
            if (File.ReadAllText($"/proc/{program.Id}/smaps") != before)
                continue;
            File.WriteAllText(textFile, before);
            return result;
        }

        throw new TimeoutException("The numbers of a process that waits do not come to rest.");
    }

    private static long Sum(string textFile, string field) => long.Parse(
        Tool.RunChecked("awk", $"$1 == \"{field}:\" {{ sum += $2 }} END {{ printf \"%d\", sum * 1024 }}", textFile),
        System.Globalization.CultureInfo.InvariantCulture);
}
