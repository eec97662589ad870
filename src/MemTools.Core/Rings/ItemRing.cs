using System.Diagnostics.CodeAnalysis;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>A bounded queue of items in a ring of slots, that never waits.</summary>
/// <typeparam name="T">What it holds. References are cleared when they are read, so that nothing is kept alive.</typeparam>
public abstract class ItemRing<T>
{
    private protected ItemRing()
    {
    }

    /// <summary>How many items it holds at most: a power of two.</summary>
    public abstract int Capacity { get; }

    /// <summary>How many items it holds; while others write and read, a moment old.</summary>
    public int Count
    {
        get
        {
            // Head first: what is read or written meanwhile makes the answer larger, never negative.
            long head = Head;
            return (int)Math.Clamp(Tail - head, 0, Capacity);
        }
    }

    /// <summary>How many items were ever written, and what the indices began with.</summary>
    internal abstract long Tail { get; }

    /// <summary>How many items were ever read, and what the indices began with.</summary>
    internal abstract long Head { get; }

    /// <summary>Writes an item, unless the ring is full.</summary>
    /// <returns>Whether it was written.</returns>
    public abstract bool TryWrite(T item);

    /// <summary>Reads the oldest item, unless there is none.</summary>
    /// <returns>Whether there was one.</returns>
    public abstract bool TryRead([MaybeNullWhen(false)] out T item);

    /// <summary>Looks at the oldest item and leaves it there.</summary>
    /// <returns>Whether there was one.</returns>
    public abstract bool TryPeek([MaybeNullWhen(false)] out T item);

    /// <summary>Writes as many items as there is room for, in order and next to each other.</summary>
    /// <returns>How many of them, from the first on, were written.</returns>
    public abstract int TryWrite(ReadOnlySpan<T> items);

    /// <summary>Reads as many items as there are and fit, in order and next to each other.</summary>
    /// <returns>How many of the places, from the first on, were filled.</returns>
    public abstract int TryRead(Span<T> items);
}
