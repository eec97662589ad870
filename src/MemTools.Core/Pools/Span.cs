using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Pools;

/// <summary>A run of pages that is free, holds blocks of one class, or is one large block. Changed under the pool's lock.</summary>
internal sealed class Span(int number, Arena arena, nint start, int pages)
{
    internal const int Free = -2;
    internal const int Large = -1;

    /// <summary>Its place in the pool's array of spans.</summary>
    internal readonly int Number = number;

    internal readonly Arena Arena = arena;

    internal nint Start = start;
    internal int Pages = pages;

    /// <summary>Of its blocks, or <see cref="Free"/>, or <see cref="Large"/>.</summary>
    internal int Class = Free;

    /// <summary>Blocks that came back to it.</summary>
    internal nint Head;

    /// <summary>Blocks from here on have never been given out.</summary>
    internal int Carved;

    /// <summary>Blocks that are out, in threads' caches included.</summary>
    internal int Out;

    internal int Capacity;

    /// <summary>Whether its pages have been given back to the kernel while it is free.</summary>
    internal bool Released;

    /// <summary>Of the list that it is in.</summary>
    internal Span? Previous;
    internal Span? Next;

    private BlockTable? _table;

    internal long Bytes => (long)Pages << SpanMap.PageShift;

    internal nint End => Start + (nint)Bytes;

    /// <summary>What checked handles refer to; made when there is the first one.</summary>
    internal BlockTable Table(SizeClassPool pool)
    {
        if (Volatile.Read(ref _table) is { } known)
            return known;
        lock (this)
        {
            if (_table is null)
            {
                long size = Class == Large ? Bytes : SizeClasses.Size(Class);
                BlockTable made = new(pool, Arena.Memory, Start, size, size, Class == Large ? 1 : Capacity);
                made.KeepGenerations();
                Volatile.Write(ref _table, made);
            }

            return _table;
        }
    }

    internal BlockTable? KnownTable => Volatile.Read(ref _table);

    /// <summary>The blocks are no more: handles that are left find out.</summary>
    internal void DropTable()
    {
        _table?.Invalidate();
        _table = null;
    }
}

/// <summary>A mapping that spans are cut from.</summary>
internal sealed class Arena(Mapping memory)
{
    /// <summary>Bytes that are brought in at a time, which takes about two thirds of the time of as many page faults.</summary>
    private const long Step = 64 * 1024;

    internal readonly Mapping Memory = memory;

    /// <summary>Up to here, from the beginning, the pages were brought in once.</summary>
    private long _broughtIn;

    internal int Pages => (int)(Memory.Length >> SpanMap.PageShift);

    /// <summary>
    /// Brings in the pages of a span where they lie at the end of those that were brought in before, and a few more. Where the
    /// kernel cannot do that (before Linux 5.14), or has no memory, each page is brought in when it is touched, as any other.
    /// </summary>
    internal void BringIn(Span span)
    {
        long from = span.Start - Memory.Address;
        long end = Math.Min(PoolMemory.RoundUp(from + span.Bytes, Step), Memory.Length);
        if (from > _broughtIn || from + span.Bytes <= _broughtIn)
            return;
        _ = Memory.Advise(_broughtIn, end - _broughtIn, MemoryCalls.AdvisePopulateWrite);
        _broughtIn = end;
    }
}
