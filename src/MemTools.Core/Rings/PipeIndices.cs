using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// The counters of a pipe queue. They count items from its first on, and never wrap: 2^63 items take centuries. What the
/// writer, the reader and both touch lies on lines of its own each.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 6 * CacheLine.Size)]
internal struct PipeIndices
{
    /// <summary>In place of <see cref="Shown"/>: the reader found nothing and has to be woken.</summary>
    internal const long Asleep = long.MinValue;

    /// <summary>Items written, those of an unfinished message included. The writer's alone.</summary>
    [FieldOffset(CacheLine.Size)]
    internal long Written;

    /// <summary>Items up to the end of the last whole message: what the next publication shows. The writer's alone.</summary>
    [FieldOffset(CacheLine.Size + 8)]
    internal long Whole;

    /// <summary>Items published: what the writer last stored in <see cref="Shown"/>. The writer's; others may look.</summary>
    [FieldOffset(CacheLine.Size + 16)]
    internal long Published;

    /// <summary>Where in its chunk the next item goes. The writer's alone.</summary>
    [FieldOffset(CacheLine.Size + 24)]
    internal int WriteAt;

    /// <summary>
    /// The one place where writer and reader meet: how many items are published, or <see cref="Asleep"/>. The reader alone
    /// puts Asleep there, the writer alone a number.
    /// </summary>
    [FieldOffset(3 * CacheLine.Size)]
    internal long Shown;

    /// <summary>Items read. The reader's; others may look.</summary>
    [FieldOffset(4 * CacheLine.Size)]
    internal long Read;

    /// <summary>Items that the reader knows to be published: it reads up to here without looking at what is shared. The reader's alone.</summary>
    [FieldOffset((4 * CacheLine.Size) + 8)]
    internal long Known;

    /// <summary>Where in its chunk the next item to read is. The reader's alone.</summary>
    [FieldOffset((4 * CacheLine.Size) + 16)]
    internal int ReadAt;
}
