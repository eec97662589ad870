namespace MemTools.Memory;

/// <summary>What stands behind a region, as far as its name tells. Neighbours of the same file share one.</summary>
internal sealed record RegionBacking(MemoryRegionKind Kind, string? Name, string? Path = null, bool IsDeleted = false)
{
    internal static readonly RegionBacking Nameless = new(MemoryRegionKind.Anonymous, null);

    internal string KindName { get; } = Kind.ToString();
}
