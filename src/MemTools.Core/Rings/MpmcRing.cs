using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// A bounded queue for any number of writers and readers, after Dmitry Vyukov's design: each slot has a number that says
/// whose turn it is. A thread claims a place with one compare-and-swap, and hands the slot over by its number, so that
/// writers wait for no reader and readers for no writer.
/// </summary>
/// <remarks>
/// The number of the slot of index i is i while it is free for the writer of i, i + 1 when its item is there, and
/// i + capacity when that was read, which makes it free for the next round. A thread that is stopped between claim and
/// hand-over holds up its own slot: the ring may seem full or empty a moment early, never out of order. Where one thread
/// alone writes, or reads, it claims its places by plain stores (<see cref="LoneSide"/>): what an atomic operation costs is
/// less its own time than that it waits until all stores before it have got their lines of memory from other processors.
/// </remarks>
/// <typeparam name="T">What it holds. References are cleared when they are read, so that nothing is kept alive.</typeparam>
public sealed class MpmcRing<T> : ItemRing<T>
{
    /// <summary>In units of the runtime, of some 37 ns each: as long as a dozen or two items take.</summary>
    private const int PausesWhenBeaten = 16;

    private readonly TurnSlot<T>[] _slots;
    private readonly int _mask;
    private readonly LoneSide _writers = new();
    private readonly LoneSide _readers = new();
    private MpmcIndices _indices;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">How many items it is to hold, from 1 to 2^30; rounded up to a power of two, at least 2.</param>
    /// <exception cref="Kernel.MemToolsException">The capacity is out of range.</exception>
    public MpmcRing(int capacity)
        : this(capacity, first: 0)
    {
    }

    /// <param name="capacity">As above.</param>
    /// <param name="first">What the indices begin with: near 2^32 or 2^63 in tests.</param>
    internal MpmcRing(long capacity, long first)
    {
        // With one slot "written" and "free for the next round" would be the same number.
        _slots = new TurnSlot<T>[Math.Max(2, RingSize.RoundUp(capacity))];
        _mask = _slots.Length - 1;
        for (int i = 0; i < _slots.Length; i++)
            Slot(first + i).Turn = first + i;
        _indices.Head = _indices.Tail = _indices.ReadLimit = first;
        _indices.WriteLimit = first + _slots.Length;
    }

    /// <inheritdoc/>
    public override int Capacity => _slots.Length;

    internal override long Tail => Volatile.Read(ref _indices.Tail);

    internal override long Head => Volatile.Read(ref _indices.Head);

    /// <inheritdoc/>
    /// <remarks>Compiled in full at once: a program that passes a million items has passed them before the runtime would.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TryWrite(T item)
    {
        SideClaim? alone = _writers.Enter();
        if (alone is null)
            return TryWriteAmongOthers(item);
        bool written = TryWriteAlone(item);
        SoleSide.Leave(alone);
        return written;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        SideClaim? alone = _readers.Enter();
        if (alone is null)
            return TryReadAmongOthers(out item);
        bool any = TryReadAlone(out item);
        SoleSide.Leave(alone);
        return any;
    }

    /// <inheritdoc/>
    public override bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        SideClaim? alone = _readers.Enter();
        bool any = TryPeekAmongOthers(out item);
        Leave(alone);
        return any;
    }

    /// <inheritdoc/>
    public override int TryWrite(ReadOnlySpan<T> items)
    {
        SideClaim? alone = _writers.Enter();
        long at = Volatile.Read(ref _indices.Tail);
        while (true)
        {
            int count = InTurn(at, 0, items.Length);
            // A slot that is free for the writer of its index stays so until that index is claimed.
            if (Claim(ref _indices.Tail, ref at, count, alone))
            {
                for (int i = 0; i < count; i++)
                    Put(ref Slot(at + i), items[i], at + i);
                Leave(alone);
                return count;
            }
        }
    }

    /// <inheritdoc/>
    public override int TryRead(Span<T> items)
    {
        SideClaim? alone = _readers.Enter();
        long at = Volatile.Read(ref _indices.Head);
        while (true)
        {
            int count = InTurn(at, 1, items.Length);
            if (Claim(ref _indices.Head, ref at, count, alone))
            {
                for (int i = 0; i < count; i++)
                    items[i] = Take(ref Slot(at + i), at + i);
                Leave(alone);
                return count;
            }
        }
    }

    /// <summary>Claims places from an index on, where this is still the next; else says which is.</summary>
    private static bool Claim(ref long index, ref long at, int count, SideClaim? alone)
    {
        if (alone is not null)
        {
            Volatile.Write(ref index, at + count);
            return true;
        }

        long seen = count == 0 ? Volatile.Read(ref index) : Interlocked.CompareExchange(ref index, at + count, at);
        bool claimed = seen == at;
        at = seen;
        return claimed;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Leave(SideClaim? alone)
    {
        if (alone is not null)
            SoleSide.Leave(alone);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryWriteAlone(T item)
    {
        long at = _indices.Tail;
        if (at - _indices.WriteLimit >= 0 && at - LookForRoom() >= 0)
            return false;
        ref TurnSlot<T> slot = ref Slot(at);
        // Acquire, with the release of the reader that freed the slot: it is done with it. It may have claimed it only.
        if (Volatile.Read(ref slot.Turn) != at)
            return false;
        // First, as among others: who sees the item finds it counted.
        Volatile.Write(ref _indices.Tail, at + 1);
        Put(ref slot, item, at);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadAlone([MaybeNullWhen(false)] out T item)
    {
        long at = _indices.Head;
        ref TurnSlot<T> slot = ref Slot(at);
        // Acquire, with the release of the writer: the item is there. It may have claimed the place only.
        if ((at - _indices.ReadLimit >= 0 && at - LookForItems() >= 0) || Volatile.Read(ref slot.Turn) != at + 1)
        {
            item = default;
            return false;
        }

        Volatile.Write(ref _indices.Head, at + 1);
        item = Take(ref slot, at);
        return true;
    }

    /// <summary>
    /// Looks how far the readers are, so that a writer that is alone touches no slot that one of them has before it. The slots
    /// tell the rest: what is claimed need not be read yet.
    /// </summary>
    private long LookForRoom()
    {
        long limit = Volatile.Read(ref _indices.Head) + _slots.Length;
        if (_indices.WriterPause.After(limit, limit - _indices.WriteLimit))
            limit = Volatile.Read(ref _indices.Head) + _slots.Length;
        return _indices.WriteLimit = limit;
    }

    /// <summary>As <see cref="LookForRoom"/>, for a reader.</summary>
    private long LookForItems()
    {
        long limit = Volatile.Read(ref _indices.Tail);
        if (_indices.ReaderPause.After(limit, limit - _indices.ReadLimit))
            limit = Volatile.Read(ref _indices.Tail);
        return _indices.ReadLimit = limit;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryWriteAmongOthers(T item)
    {
        long at = Volatile.Read(ref _indices.Tail);
        while (true)
        {
            ref TurnSlot<T> slot = ref Slot(at);
            // Acquire, with the release of the reader that freed the slot: it is done with it.
            long turn = Volatile.Read(ref slot.Turn);
            if (turn == at)
            {
                // Claims the place; nobody else can, since tail never comes back to the same number.
                if (Interlocked.CompareExchange(ref _indices.Tail, at + 1, at) == at)
                {
                    Put(ref slot, item, at);
                    return true;
                }

                StandBack();
                at = Volatile.Read(ref _indices.Tail);
                continue;
            }

            // The slot is of an earlier round: full, unless tail has moved on since it was read.
            long now = Volatile.Read(ref _indices.Tail);
            if (now == at && !_indices.WriterPause.After(at, 0))
                return false;
            at = now;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool TryReadAmongOthers([MaybeNullWhen(false)] out T item)
    {
        long at = Volatile.Read(ref _indices.Head);
        while (true)
        {
            ref TurnSlot<T> slot = ref Slot(at);
            // Acquire, with the release of the writer: the item is there.
            long turn = Volatile.Read(ref slot.Turn);
            if (turn == at + 1)
            {
                if (Interlocked.CompareExchange(ref _indices.Head, at + 1, at) == at)
                {
                    item = Take(ref slot, at);
                    return true;
                }

                StandBack();
                at = Volatile.Read(ref _indices.Head);
                continue;
            }

            long now = Volatile.Read(ref _indices.Head);
            if (now == at && !_indices.ReaderPause.After(at, 0))
            {
                item = default;
                return false;
            }

            at = now;
        }
    }

    private bool TryPeekAmongOthers([MaybeNullWhen(false)] out T item)
    {
        long at = Volatile.Read(ref _indices.Head);
        while (true)
        {
            ref TurnSlot<T> slot = ref Slot(at);
            bool any = Volatile.Read(ref slot.Turn) == at + 1;
            item = any ? slot.Item : default;
            // The item before the index: where nobody has claimed the place yet, nobody had touched the item.
            Interlocked.MemoryBarrier();
            long now = Volatile.Read(ref _indices.Head);
            if (now == at)
                return any;
            at = now;
        }
    }

    /// <summary>How many slots from an index on have the turn that is wanted: 0 to write, 1 to read.</summary>
    private int InTurn(long at, int wanted, int most)
    {
        int count = 0;
        while (count < most && Volatile.Read(ref Slot(at + count).Turn) == at + count + wanted)
            count++;
        return count;
    }

    /// <summary>
    /// Another thread claimed the place first. Two that try at the same time pass the index's line back and forth for each
    /// item; while one stands back, the other does many.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void StandBack() => Thread.SpinWait(PausesWhenBeaten);

    /// <summary>Fills a slot that was claimed, and hands it over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ref TurnSlot<T> slot, T item, long at)
    {
        slot.Item = item;
        // Release: who sees the turn sees the item.
        Volatile.Write(ref slot.Turn, at + 1);
    }

    /// <summary>Empties a slot that was claimed, and frees it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private T Take(ref TurnSlot<T> slot, long at)
    {
        T item = slot.Item;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            slot.Item = default!;
        // Release: the writer of the next round finds the slot empty.
        Volatile.Write(ref slot.Turn, at + _slots.Length);
        return item;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref TurnSlot<T> Slot(long index) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)(uint)((int)index & _mask));
}
