namespace MemTools.Memory;

/// <summary>
/// Finds the smallest request that gets a mapping. No probe is freed: freeing a mapping would raise what is measured.
/// The top is used up before each, since malloc takes any size from it that fits.
/// </summary>
internal sealed class ThresholdBisection(HeapFiller filler)
{
    internal List<ThresholdProbe> Probes { get; } = [];

    /// <summary>The smallest request that got a mapping; the one before it did not.</summary>
    internal long SmallestMapped { get; private set; }

    /// <summary>As M_MMAP_THRESHOLD counts: the chunk of that request, 0 where every request gets a mapping.</summary>
    internal long Threshold => SmallestMapped == 0 ? 0 : MallocLayout.ChunkOf(SmallestMapped);

    internal void Run()
    {
        long heap = -1;
        long mapped = MallocLayout.HighestThreshold;
        while (mapped - heap > 1)
        {
            long middle = heap + ((mapped - heap) / 2);
            if (IsMapped(middle))
                mapped = middle;
            else
                heap = middle;
        }

        SmallestMapped = mapped;
    }

    private bool IsMapped(long size)
    {
        filler.UseUpTop();
        bool mapped = MallocLayout.IsMapped(HeapFiller.Keep(size));
        Probes.Add(new() { Size = size, Source = mapped ? "Mapping" : "Heap" });
        return mapped;
    }
}
