namespace MemTools.Memory;

/// <summary>What freeing a mapped block did to the threshold, measured before and after. All sizes are in bytes.</summary>
public sealed class ThresholdRise
{
    /// <summary>The size of the block.</summary>
    public long Size { get; init; }

    /// <summary>The threshold that a search found before.</summary>
    public long ThresholdBefore { get; init; }

    /// <summary>Where the block came from: Mapping, Break or Top.</summary>
    public string FirstSource { get; init; } = string.Empty;

    /// <summary>Where free put it.</summary>
    public string FreedTo { get; init; } = string.Empty;

    /// <summary>The threshold that a search found afterwards.</summary>
    public long ThresholdAfter { get; init; }

    /// <summary>Where the next block of the same size came from.</summary>
    public string SecondSource { get; init; } = string.Empty;

    /// <summary>Untouched or Drained, as in a trace.</summary>
    public string Heap { get; init; } = string.Empty;
}
