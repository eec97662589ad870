using System.Diagnostics.CodeAnalysis;

namespace MemTools.Pools;

/// <summary>What a fixed pool does when all its blocks are rented.</summary>
public enum PoolGrowth
{
    /// <summary>It maps as many blocks again as it has.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "A verb here, and no type.")]
    Double,

    /// <summary>It maps as many blocks again as it began with.</summary>
    Fixed,

    /// <summary>It refuses.</summary>
    None,
}
