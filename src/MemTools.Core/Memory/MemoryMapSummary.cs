namespace MemTools.Memory;

/// <summary>Adds up the regions of a process, kind by kind.</summary>
internal static class MemoryMapSummary
{
    /// <summary>The kinds that the process has, in the order of the enumeration, and the total where all kinds are asked for.</summary>
    /// <param name="process">Whose memory.</param>
    /// <param name="kinds">The kinds to add up; none for all of them and the total.</param>
    /// <param name="stop">Ends the reading.</param>
    internal static IEnumerable<MemoryMapTotal> Read(int process, IReadOnlyCollection<MemoryRegionKind> kinds, CancellationToken stop)
    {
        MemoryRegionDetail[] regions = [.. MemoryMap.Read(process, detailed: true, stop).Cast<MemoryRegionDetail>()];
        List<MemoryMapTotal> totals =
        [
            .. regions.GroupBy(region => region.Backing.Kind)
                .Where(group => kinds.Count == 0 || kinds.Contains(group.Key))
                .OrderBy(group => group.Key)
                .Select(group => Total(process, group.Key.ToString(), [.. group], Added([.. group]))),
        ];
        if (kinds.Count == 0)
            totals.Add(Total(process, nameof(Total), regions, MemoryMap.ReadRollup(process, stop)));
        return totals;
    }

    private static MemoryMapTotal Total(int process, string kind, MemoryRegionDetail[] regions, RegionUsage usage)
    {
        // Through the same sums as a single region's.
        MemoryRegionDetail sum = new(process, default, usage, null);
        return new()
        {
            ProcessId = process,
            Kind = kind,
            Regions = regions.Length,
            Size = regions.Sum(region => region.Size),
            ResidentBytes = sum.ResidentBytes,
            ProportionalBytes = sum.ProportionalBytes,
            PrivateBytes = sum.PrivateBytes,
            SharedBytes = sum.SharedBytes,
            DirtyBytes = sum.DirtyBytes,
            HugeBytes = sum.HugeBytes,
            SwapBytes = sum.SwapBytes,
            LockedBytes = sum.LockedBytes,
        };
    }

    private static RegionUsage Added(MemoryRegionDetail[] regions)
    {
        long[] sums = new long[RegionUsage.FieldCount];
        Array.Fill(sums, -1);
        foreach (MemoryRegionDetail region in regions)
        {
            for (int field = 0; field < sums.Length; field++)
            {
                if (region.Usage[(UsageField)field] is { } value)
                    sums[field] = Math.Max(sums[field], 0) + value;
            }
        }

        return new(sums);
    }
}
