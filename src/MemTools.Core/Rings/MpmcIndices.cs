using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>The indices of a ring with any number of writers and readers: the next to be claimed, each on lines of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 5 * CacheLine.Size)]
internal struct MpmcIndices
{
    /// <summary>How many places were claimed by writers.</summary>
    [FieldOffset(CacheLine.Size)]
    internal long Tail;

    /// <summary>How many places were claimed by readers.</summary>
    [FieldOffset(2 * CacheLine.Size)]
    internal long Head;

    /// <summary>Where a writer that is alone must look at <see cref="Head"/> again: what it saw there last, and the capacity.</summary>
    [FieldOffset(3 * CacheLine.Size)]
    internal long WriteLimit;

    /// <summary>Keeps writers from the readers' heel.</summary>
    [FieldOffset((3 * CacheLine.Size) + sizeof(long))]
    internal HeelPause WriterPause;

    /// <summary>Where a reader that is alone must look at <see cref="Tail"/> again: what it saw there last.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    internal long ReadLimit;

    /// <summary>Keeps readers from the writers' heel.</summary>
    [FieldOffset((4 * CacheLine.Size) + sizeof(long))]
    internal HeelPause ReaderPause;
}
