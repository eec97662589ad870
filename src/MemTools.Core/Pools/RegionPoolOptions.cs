namespace MemTools.Pools;

/// <summary>What a region pool is to be like.</summary>
public sealed record RegionPoolOptions
{
    /// <summary>Bytes of each mapping that blocks are cut from, 1 to 2^30; rounded up to whole pages.</summary>
    public long ChunkSize { get; init; } = 64 * 1024;

    /// <summary>What commands know it by; a number is added where another pool has that name.</summary>
    public string Name { get; init; } = "region";
}
