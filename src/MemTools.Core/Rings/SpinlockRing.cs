using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>
/// A bounded queue for any number of writers and readers behind one lock, for which threads spin and then yield: what
/// <see cref="MpmcRing{T}"/> is held against.
/// </summary>
/// <typeparam name="T">What it holds. References are cleared when they are read, so that nothing is kept alive.</typeparam>
public sealed class SpinlockRing<T> : ItemRing<T>
{
    private readonly T[] _slots;
    private readonly int _mask;
    private PaddedLock _lock;

    // All below belongs to whoever holds the lock.
    private long _tail;
    private long _head;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="capacity">How many items it is to hold, from 1 to 2^30; rounded up to a power of two.</param>
    /// <exception cref="Kernel.MemToolsException">The capacity is out of range.</exception>
    public SpinlockRing(int capacity)
        : this(capacity, first: 0)
    {
    }

    /// <param name="capacity">As above.</param>
    /// <param name="first">What the indices begin with: near 2^32 or 2^63 in tests.</param>
    internal SpinlockRing(long capacity, long first)
    {
        _slots = new T[RingSize.RoundUp(capacity)];
        _mask = _slots.Length - 1;
        _head = _tail = first;
    }

    /// <inheritdoc/>
    public override int Capacity => _slots.Length;

    internal override long Tail => Volatile.Read(ref _tail);

    internal override long Head => Volatile.Read(ref _head);

    /// <inheritdoc/>
    public override bool TryWrite(T item)
    {
        _lock.Enter();
        long tail = _tail;
        bool room = tail - _head != _slots.Length;
        if (room)
        {
            Slot(tail) = item;
            _tail = tail + 1;
        }

        _lock.Exit();
        return room;
    }

    /// <inheritdoc/>
    public override bool TryRead([MaybeNullWhen(false)] out T item)
    {
        _lock.Enter();
        long head = _head;
        bool any = head != _tail;
        item = any ? Take(head) : default;
        if (any)
            _head = head + 1;
        _lock.Exit();
        return any;
    }

    /// <inheritdoc/>
    public override bool TryPeek([MaybeNullWhen(false)] out T item)
    {
        _lock.Enter();
        bool any = _head != _tail;
        item = any ? Slot(_head) : default;
        _lock.Exit();
        return any;
    }

    /// <inheritdoc/>
    public override int TryWrite(ReadOnlySpan<T> items)
    {
        _lock.Enter();
        long tail = _tail;
        int count = (int)Math.Min(_slots.Length - (tail - _head), items.Length);
        for (int i = 0; i < count; i++)
            Slot(tail + i) = items[i];
        _tail = tail + count;
        _lock.Exit();
        return count;
    }

    /// <inheritdoc/>
    public override int TryRead(Span<T> items)
    {
        _lock.Enter();
        long head = _head;
        int count = (int)Math.Min(_tail - head, items.Length);
        for (int i = 0; i < count; i++)
            items[i] = Take(head + i);
        _head = head + count;
        _lock.Exit();
        return count;
    }

    private T Take(long index)
    {
        ref T slot = ref Slot(index);
        T item = slot;
        if (RuntimeHelpers.IsReferenceOrContainsReferences<T>())
            slot = default!;
        return item;
    }

    /// <summary>The slot of an index. The mask keeps it in the array, which is of exactly this type: no check is needed.</summary>
    private ref T Slot(long index) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_slots), (nint)(uint)((int)index & _mask));
}
