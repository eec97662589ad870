namespace MemTools.Memory;

/// <summary>From which size on malloc makes a mapping, found by trial.</summary>
public sealed class ThresholdSearch
{
    /// <summary>The threshold in bytes of a chunk, as M_MMAP_THRESHOLD counts: a request and its header, rounded up to 16.</summary>
    public long MmapThreshold { get; init; }

    /// <summary>The smallest request, in bytes, that got a mapping.</summary>
    public long SmallestMappedSize { get; init; }

    /// <summary>The largest request, in bytes, that got memory of the heap; null where none did.</summary>
    public long? LargestHeapSize { get; init; }

    /// <summary>Each request that was tried, in order; none was freed.</summary>
    public ThresholdProbe[] Probes { get; init; } = [];

    /// <summary>Untouched or Drained, as in a trace.</summary>
    public string Heap { get; init; } = string.Empty;
}

/// <summary>One request of a search.</summary>
public sealed class ThresholdProbe
{
    /// <summary>The size that was asked for, in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Mapping or Heap.</summary>
    public string Source { get; init; } = string.Empty;
}
