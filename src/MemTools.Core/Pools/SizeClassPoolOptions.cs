namespace MemTools.Pools;

/// <summary>What a size-class pool is to be like.</summary>
public sealed record SizeClassPoolOptions
{
    /// <summary>The most bytes that it ever maps; null for no limit.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Whether it is kept where each block was rented, as of <see cref="FixedPoolOptions.Track"/>.</summary>
    public bool Track { get; init; }

    /// <summary>What commands know it by; a number is added where another pool has that name.</summary>
    public string Name { get; init; } = "sizeclass";
}
