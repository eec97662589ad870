using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// A bounded queue between one thread that writes and one that reads, without locks or atomic read-modify-write. Each
/// side remembers how far the other was when it last looked, and looks again only when that is used up, so that a line
/// of memory travels between the processors once for many items.
/// </summary>
/// <remarks>
/// At any moment at most one thread may write and one read. Which ones they are may change, where one side's calls do not
/// overlap and something (a lock, a started thread, an awaited task) puts them in order. It does not watch over that;
/// an object ring does.
/// </remarks>
/// <typeparam name="T">What it holds. References are cleared when they are read, so that nothing is kept alive.</typeparam>
public sealed class SpscRing<T> : ItemRing<T>
{
    private readonly T[] _slots;
    private readonly int _mask;
    private SpscIndices _indices;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">How many items it is to hold, from 1 to 2^30; rounded up to a power of two.</param>
    /// <exception cref="Kernel.MemToolsException">The capacity is out of range.</exception>
    public SpscRing(int capacity)
        : this(capacity, first: 0)
    {
    }

    /// <param name="capacity">As above.</param>
    /// <param name="first">What the indices begin with: near 2^32 or 2^63 in tests.</param>
    internal SpscRing(long capacity, long first)
    {
        _slots = new T[RingSize.RoundUp(capacity)];
        _mask = _slots.Length - 1;
        _indices.Head = _indices.Tail = _indices.ReadLimit = first;
        _indices.WriteLimit = first + _slots.Length;
    }

    /// <inheritdoc/>
    public override int Capacity => _slots.Length;

    internal override long Tail => Volatile.Read(ref _indices.Tail);

    internal override long Head => Volatile.Read(ref _indices.Head);

    /// <summary>Writes an item, unless the ring is full. The writer's.</summary>
    /// <returns>Whether it was written.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryWrite(T item)
    {
        long tail = _indices.Tail;
        if (tail == _indices.WriteLimit && tail == LookForRoom())
            return false;
        Slot(tail) = item;
        // Release: who sees the new tail sees the item. The slot is ours since the acquire in LookForRoom.
        Volatile.Write(ref _indices.Tail, tail + 1);
        return true;
    }

    /// <summary>Reads the oldest item, unless there is none. The reader's.</summary>
    /// <returns>Whether there was one.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public override bool TryRead([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        long head = _indices.Head;
        if (head == _indices.ReadLimit && head == LookForItems())
        {
            item = default;
            return false;
        }

        ref T slot = ref Slot(head);
        item = slot;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            slot = default!;
        // Release: who sees the new head may overwrite the slot, so what was done with it must be over by then.
        Volatile.Write(ref _indices.Head, head + 1);
        return true;
    }

    /// <summary>Looks at the oldest item and leaves it there. The reader's.</summary>
    /// <returns>Whether there was one.</returns>
    public override bool TryPeek([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        long head = _indices.Head;
        bool any = head != _indices.ReadLimit || head != LookForItems();
        item = any ? Slot(head) : default;
        return any;
    }

    /// <summary>Writes as many items as there is room for, in order, and shows them all at once. The writer's.</summary>
    /// <returns>How many of them, from the first on, were written.</returns>
    public override int TryWrite(ReadOnlySpan<T> items)
    {
        long tail = _indices.Tail;
        if (_indices.WriteLimit - tail < items.Length)
            LookForRoom();
        int count = (int)Math.Min(_indices.WriteLimit - tail, items.Length);
        if (count == 0)
            return 0;
        int at = (int)tail & _mask;
        int straight = Math.Min(count, _slots.Length - at);
        items[..straight].CopyTo(Slots(at, straight));
        if (straight < count)
            items[straight..count].CopyTo(Slots(0, count - straight));
        // Release, as for one item.
        Volatile.Write(ref _indices.Tail, tail + count);
        return count;
    }

    /// <summary>Reads as many items as there are and fit. The reader's.</summary>
    /// <returns>How many of the places, from the first on, were filled.</returns>
    public override int TryRead(Span<T> items)
    {
        long head = _indices.Head;
        if (_indices.ReadLimit - head < items.Length)
            LookForItems();
        int count = (int)Math.Min(_indices.ReadLimit - head, items.Length);
        if (count == 0)
            return 0;
        int at = (int)head & _mask;
        int straight = Math.Min(count, _slots.Length - at);
        Take(Slots(at, straight), items);
        if (straight < count)
            Take(Slots(0, count - straight), items[straight..]);
        // Release, as for one item.
        Volatile.Write(ref _indices.Head, head + count);
        return count;
    }

    private static void Take(Span<T> slots, Span<T> items)
    {
        slots.CopyTo(items);
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            slots.Clear();
    }

    // Inlined, as a call would be one for every look; the pause is one that waits anyway.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long LookForRoom()
    {
        // Acquire, with the release of Head: the reader is done with every slot before it.
        long limit = Volatile.Read(ref _indices.Head) + _slots.Length;
        if (_indices.WriterPause.After(limit, limit - _indices.WriteLimit))
            limit = Volatile.Read(ref _indices.Head) + _slots.Length;
        return _indices.WriteLimit = limit;
    }

    /// <summary>As <see cref="LookForRoom"/>, for the reader.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long LookForItems()
    {
        // Acquire, with the release of Tail: every item before it is there.
        long limit = Volatile.Read(ref _indices.Tail);
        if (_indices.ReaderPause.After(limit, limit - _indices.ReadLimit))
            limit = Volatile.Read(ref _indices.Tail);
        return _indices.ReadLimit = limit;
    }

    /// <summary>The slot of an index. The mask keeps it in the array, which is of exactly this type: no check is needed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref T Slot(long index) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)(uint)((int)index & _mask));

    private Span<T> Slots(int at, int count) =>
        MemoryMarshal.CreateSpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), at), count);
}
