using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>A mapping that the blocks of a region are cut from, from its beginning to its end.</summary>
internal sealed class RegionChunk
{
    /// <summary>What blocks are aligned to.</summary>
    internal const int Granule = 16;

    internal RegionChunk(RegionPool pool, Mapping memory)
    {
        Memory = memory;
        Table = new(pool, memory, memory.Address, Granule, memory.Length, (int)(memory.Length / Granule));
    }

    internal Mapping Memory { get; }

    internal BlockTable Table { get; }

    internal nint Start => Memory.Address;

    internal nint End => Memory.Address + (nint)Memory.Length;

    /// <summary>Where the last block ended when the next chunk was begun.</summary>
    internal nint UsedEnd { get; set; }
}
