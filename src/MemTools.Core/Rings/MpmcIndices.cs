using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>The indices of a ring with any number of writers and readers: the next to be claimed, each on lines of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * CacheLine.Size)]
internal struct MpmcIndices
{
    /// <summary>How many places were claimed by writers.</summary>
    [FieldOffset(CacheLine.Size)]
    internal long Tail;

    /// <summary>How many places were claimed by readers.</summary>
    [FieldOffset(2 * CacheLine.Size)]
    internal long Head;
}
