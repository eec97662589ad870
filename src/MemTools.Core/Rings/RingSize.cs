using System.Numerics;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>How many slots a ring of items gets.</summary>
internal static class RingSize
{
    /// <summary>The most slots: an array of the largest of them still fits.</summary>
    internal const int Largest = 1 << 30;

    /// <summary>The power of two that holds so many items.</summary>
    /// <exception cref="MemToolsException">It is less than 1 or more than <see cref="Largest"/>.</exception>
    internal static int RoundUp(long capacity)
    {
        if (capacity is < 1 or > Largest)
            throw new MemToolsException(ErrorKind.Misuse, $"A ring holds from 1 to {Largest:N0} items, and not {capacity:N0}.");
        return (int)BitOperations.RoundUpToPowerOf2((uint)capacity);
    }
}
