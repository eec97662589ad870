namespace MemTools.Rings;

/// <summary>How an object ring is made.</summary>
public sealed record ObjectRingOptions
{
    /// <summary>Objects that it holds at least, from 1 to 2^30. Rounded up to a power of two.</summary>
    public long Capacity { get; init; } = 65536;

    /// <summary>How many threads may use it at a time.</summary>
    public RingConcurrency Concurrency { get; init; }

    /// <summary>What a write does where there is no room.</summary>
    public RingFullAction WhenFull { get; init; }

    /// <summary>What commands know it by; with a number after it where another ring has that name.</summary>
    public string Name { get; init; } = "ring";
}
