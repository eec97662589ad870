using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// The indices of a ring with one writer and one reader. They run freely and wrap at 2^64; masked, they name a slot. Each
/// side's lie on lines of their own, with room before the first and behind the last.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 5 * CacheLine.Size)]
internal struct SpscIndices
{
    /// <summary>How many items were written. The writer's; the reader looks at it when it has read all that it knew of.</summary>
    [FieldOffset(CacheLine.Size)]
    internal long Tail;

    /// <summary>Where the writer must look at <see cref="Head"/> again: what it saw there last, and the capacity. The writer's alone.</summary>
    [FieldOffset(2 * CacheLine.Size)]
    internal long WriteLimit;

    /// <summary>Keeps the writer from the reader's heel. The writer's alone.</summary>
    [FieldOffset((2 * CacheLine.Size) + sizeof(long))]
    internal HeelPause WriterPause;

    /// <summary>How many items were read. The reader's; the writer looks at it when the ring seems full.</summary>
    [FieldOffset(3 * CacheLine.Size)]
    internal long Head;

    /// <summary>Where the reader must look at <see cref="Tail"/> again: what it saw there last. The reader's alone.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    internal long ReadLimit;

    /// <summary>Keeps the reader from the writer's heel. The reader's alone.</summary>
    [FieldOffset((4 * CacheLine.Size) + sizeof(long))]
    internal HeelPause ReaderPause;
}
