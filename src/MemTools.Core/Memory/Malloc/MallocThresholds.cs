namespace MemTools.Memory;

/// <summary>
/// The three numbers that decide between heap and mapping. glibc does not show them; they follow from what was set and
/// from its rule for freed mappings (malloc.c, __libc_free).
/// </summary>
internal sealed class MallocThresholds
{
    internal long Mmap { get; private set; } = MallocLayout.DefaultThreshold;

    internal long Trim { get; private set; } = MallocLayout.DefaultThreshold;

    internal long TopPad { get; private set; } = MallocLayout.DefaultThreshold;

    /// <summary>Whether freeing a mapping raises them.</summary>
    internal bool Dynamic { get; private set; } = true;

    /// <summary>Setting any of them ends their adjustment.</summary>
    internal void Set(long? mmap, long? trim, long? topPad)
    {
        Mmap = mmap ?? Mmap;
        Trim = trim ?? Trim;
        TopPad = topPad ?? TopPad;
        Dynamic &= mmap is null && trim is null && topPad is null;
    }

    /// <summary>What a measurement found; the runtime may have freed mappings before.</summary>
    internal void Measured(long mmap)
    {
        if (mmap == Mmap)
            return;
        Mmap = mmap;
        Trim = 2 * mmap;
    }

    /// <summary>A mapping of that many bytes was freed.</summary>
    internal void Freed(long mapping)
    {
        if (Dynamic && mapping > Mmap && mapping <= MallocLayout.HighestThreshold)
            Measured(mapping);
    }
}
