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

    /// <summary>What <see cref="Tail"/> was when a writer last found no room: see <see cref="HeelPause"/>.</summary>
    [FieldOffset(3 * CacheLine.Size)]
    internal long FullAt;

    /// <summary>What <see cref="Head"/> was when a reader last found nothing.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    internal long EmptyAt;
}
