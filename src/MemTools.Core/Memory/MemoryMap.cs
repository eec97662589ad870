using System.Globalization;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>The regions of a process's memory, in the order of their addresses.</summary>
internal static class MemoryMap
{
    /// <summary>
    /// All regions, read in one go: handing them on one by one would let a slow reader see a map half from now and
    /// half from later.
    /// </summary>
    /// <param name="process">Whose memory.</param>
    /// <param name="detailed">Whether they are <see cref="MemoryRegionDetail"/>, for which the kernel looks at every page.</param>
    /// <param name="stop">Ends the reading.</param>
    /// <exception cref="MemToolsException">
    /// No such process, no permission, no memory of its own; also where the process ends while it is read.
    /// </exception>
    internal static IReadOnlyList<MemoryRegion> Read(int process, bool detailed, CancellationToken stop) =>
        Read(process, detailed ? "smaps" : "maps", detailed, stop);

    /// <summary>The sums over all regions as the kernel makes them (/proc/PID/smaps_rollup).</summary>
    internal static RegionUsage ReadRollup(int process, CancellationToken stop) =>
        Read(process, "smaps_rollup", detailed: true, stop).OfType<MemoryRegionDetail>().Single().Usage;

    /// <summary>The region that holds an address.</summary>
    /// <exception cref="MemToolsException">None does; the message names the neighbours.</exception>
    internal static MemoryRegion Find(IReadOnlyList<MemoryRegion> regions, int process, ulong address)
    {
        int low = 0;
        int high = regions.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (regions[middle].End <= address)
                low = middle + 1;
            else
                high = middle;
        }

        return low < regions.Count && regions[low].Contains(address)
            ? regions[low]
            : throw NotMapped(process, address, low > 0 ? regions[low - 1] : null, low < regions.Count ? regions[low] : null);
    }

    private static List<MemoryRegion> Read(int process, string name, bool detailed, CancellationToken stop)
    {
        using BlockReader lines = new(ProcessFile.Open(process, name), stop);
        RegionParser parser = new(process, lines, detailed);
        List<MemoryRegion> regions = [];
        long result;
        while ((result = parser.Next(out MemoryRegion? region)) >= 0 && region is not null)
            regions.Add(region);
        if (result < 0)
            throw ProcessFile.Failure(process, name, "read", KernelResult.ErrnoOf(result));
        CheckComplete(process, regions.Count > 0);
        return regions;
    }

    /// <summary>Where a process ends while it is read, the text ends too, and without an error.</summary>
    private static void CheckComplete(int process, bool any)
    {
        bool hasEnded = ProcessStat.TryRead(process) is null or { IsZombie: true };
        if (any && hasEnded)
        {
            throw new MemToolsException(
                ErrorKind.ProcessNotFound,
                string.Create(CultureInfo.InvariantCulture, $"Process {process} ended while its regions were read."));
        }

        if (!any)
            throw ProcessFile.WithoutMemory(process) ?? ProcessFile.Gone(process);
    }

    private static MemToolsException NotMapped(int process, ulong address, MemoryRegion? below, MemoryRegion? above)
    {
        string lower = below is null ? string.Empty : $" The nearest region below ends at 0x{below.End:x}.";
        string upper = above is null ? string.Empty : $" The nearest region above begins at 0x{above.Start:x}.";
        return new(
            ErrorKind.NotFound,
            string.Create(CultureInfo.InvariantCulture, $"Nothing is mapped at 0x{address:x} in process {process}.{lower}{upper}"));
    }
}
