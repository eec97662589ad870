using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Pools;

/// <summary>
/// Whole pages: free spans by their length. A span is cut from the shortest that is long enough; one that comes back is
/// joined with its free neighbours; and when a whole mapping is free again it goes back to the kernel, but for a reserve
/// that saves a program which comes and goes at a boundary from mapping each time. All under the pool's lock.
/// </summary>
internal sealed class PageHeap(SizeClassPool pool, SpanMap map, long maximum)
{
    /// <summary>Free spans of this many pages and more share the last list.</summary>
    private const int Lists = 128;

    private const long SmallestArena = 1L << 20;
    private const long LargestArena = 64L << 20;

    private readonly SpanList[] _free = [.. Enumerable.Range(0, Lists + 1).Select(_ => new SpanList())];
    private readonly Stack<int> _unusedNumbers = new();
    private readonly HashSet<Arena> _arenas = [];
    private Span?[] _spans = new Span?[64];
    private int _numbers = 1;

    /// <summary>In bytes, of all mappings.</summary>
    internal long Mapped { get; private set; }

    internal long FreeBytes { get; private set; }

    /// <summary>How much of the free bytes the kernel has back while the addresses stay.</summary>
    internal long ReleasedBytes { get; private set; }

    internal long Growths { get; private set; }

    internal IReadOnlyCollection<Arena> Arenas => _arenas;

    internal long FreeSpans => _free.Sum(list => list.All().LongCount());

    internal IEnumerable<Span> Spans => _spans.OfType<Span>();

    /// <summary>The span of a number, for whoever read that from the map.</summary>
    internal Span? Find(int number)
    {
        Span?[] spans = Volatile.Read(ref _spans);
        return (uint)number < (uint)spans.Length ? Volatile.Read(ref spans[number]) : null;
    }

    /// <summary>Cuts off a span.</summary>
    /// <exception cref="MemToolsException">There is no memory, or the pool may have no more.</exception>
    internal Span Allocate(long pages, int kind)
    {
        Span span = FindFree(pages) ?? Grow(pages);
        Take(span);
        if (span.Pages > pages)
        {
            Span rest = NewSpan(span.Arena, span.Start + (nint)(pages << SpanMap.PageShift), (int)(span.Pages - pages));
            rest.Released = span.Released;
            span.Pages = (int)pages;
            Put(rest);
        }

        span.Released = false;
        span.Class = kind;
        map.SetUsed(span);
        // Of a block of several pages its user may touch only one.
        if (kind != Span.Large && SizeClasses.Size(kind) <= Environment.SystemPageSize)
            span.Arena.BringIn(span);
        return span;
    }

    /// <summary>Takes a span back.</summary>
    internal void Return(Span span)
    {
        span.DropTable();
        (span.Class, span.Head, span.Carved, span.Out, span.Capacity) = (Span.Free, 0, 0, 0, 0);
        map.ClearUsed(span);
        Span whole = Join(span);
        if (whole.Pages == whole.Arena.Pages && whole.Arena.Memory.Length + FreeBytes > Reserve)
            Unmap(whole);
        else
            Put(whole);
    }

    /// <summary>Gives back to the kernel whatever is free: mappings, and the pages of other free spans.</summary>
    /// <returns>Bytes that were unmapped.</returns>
    internal long Trim()
    {
        long before = Mapped;
        foreach (Span span in _free.SelectMany(list => list.All()).ToArray())
        {
            Take(span);
            if (span.Pages == span.Arena.Pages)
            {
                Unmap(span);
                continue;
            }

            span.Released |= span.Arena.Memory.Advise(span.Start - span.Arena.Memory.Address, span.Bytes, MemoryCalls.AdviseDontNeed) == 0;
            Put(span);
        }

        return before - Mapped;
    }

    /// <summary>Forgets all; what becomes of the mappings is the caller's.</summary>
    internal IReadOnlyCollection<Arena> Close()
    {
        Arena[] arenas = [.. _arenas];
        foreach (Span span in Spans)
            span.DropTable();
        _arenas.Clear();
        (Mapped, FreeBytes, ReleasedBytes) = (0, 0, 0);
        return arenas;
    }

    /// <summary>What may stay mapped though it is free.</summary>
    private long Reserve => Math.Max(SmallestArena, (Mapped - FreeBytes) / 8);

    private Span? FindFree(long pages)
    {
        for (long length = pages; length < Lists; length++)
        {
            if (_free[length].First is { } span)
                return span;
        }

        Span? best = null;
        foreach (Span span in _free[Lists].All())
        {
            if (span.Pages >= pages && (best is null || span.Pages < best.Pages || (span.Pages == best.Pages && span.Start < best.Start)))
                best = span;
        }

        return best;
    }

    private Span Grow(long pages)
    {
        long needed = pages << SpanMap.PageShift;
        long wanted = Math.Max(needed, Math.Clamp(Mapped / 8, SmallestArena, LargestArena));
        long room = maximum - Mapped;
        if (needed > room)
            throw pool.Exhausted(needed);
        long length = Math.Min(PoolMemory.RoundUp(wanted, SpanMap.PageSize), room & ~(SpanMap.PageSize - 1L));
        Mapping memory = AnonymousMapping.Map(length, alignment: Math.Max(SpanMap.PageSize, Environment.SystemPageSize));
        try
        {
            map.Cover(memory.Address, memory.Length);
        }
        catch
        {
            memory.Dispose();
            throw;
        }

        Arena arena = new(memory);
        _arenas.Add(arena);
        Mapped += memory.Length;
        Growths++;
        Span span = NewSpan(arena, memory.Address, arena.Pages);
        Put(span);
        return span;
    }

    private void Unmap(Span span)
    {
        Forget(span);
        _arenas.Remove(span.Arena);
        Mapped -= span.Arena.Memory.Length;
        span.Arena.Memory.Dispose();
    }

    /// <summary>One span of a span that is in no list, and its neighbours that are free.</summary>
    private Span Join(Span span)
    {
        if (Neighbour(span, span.Start - 1) is { } before)
        {
            Take(before);
            span.Start = before.Start;
            span.Pages += before.Pages;
            span.Released &= before.Released;
            Forget(before);
        }

        if (Neighbour(span, span.End) is { } after)
        {
            Take(after);
            span.Pages += after.Pages;
            span.Released &= after.Released;
            Forget(after);
        }

        return span;
    }

    private Span? Neighbour(Span span, nint address)
    {
        uint entry = map.Entry(address);
        return entry != 0 && SpanMap.ClassOf(entry) == 0 && Find(SpanMap.NumberOf(entry)) is { } other && other.Arena == span.Arena ? other : null;
    }

    private void Put(Span span)
    {
        _free[Math.Min(span.Pages, Lists)].Add(span);
        FreeBytes += span.Bytes;
        ReleasedBytes += span.Released ? span.Bytes : 0;
        map.SetFree(span);
    }

    private void Take(Span span)
    {
        _free[Math.Min(span.Pages, Lists)].Remove(span);
        FreeBytes -= span.Bytes;
        ReleasedBytes -= span.Released ? span.Bytes : 0;
        map.ClearFree(span);
    }

    private Span NewSpan(Arena arena, nint start, int pages)
    {
        if (!_unusedNumbers.TryPop(out int number))
            number = _numbers++;
        if (number > SpanMap.LastNumber)
            throw new MemToolsException(ErrorKind.OutOfMemory, $"A pool has at most {SpanMap.LastNumber} spans. Larger blocks need fewer.");
        if (number >= _spans.Length)
        {
            Span?[] larger = new Span?[2 * _spans.Length];
            _spans.CopyTo(larger, 0);
            Volatile.Write(ref _spans, larger);
        }

        Span span = new(number, arena, start, pages);
        Volatile.Write(ref _spans[number], span);
        return span;
    }

    private void Forget(Span span)
    {
        Volatile.Write(ref _spans[span.Number], null);
        _unusedNumbers.Push(span.Number);
    }
}
