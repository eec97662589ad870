using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>
/// The sizes that blocks are rounded up to: 8, then steps of 16 bytes to 128, then eight steps to each doubling, so that
/// above 128 bytes at most an eighth of a block is wasted.
/// </summary>
internal static class SizeClasses
{
    /// <summary>Larger blocks have spans of their own.</summary>
    internal const int Largest = 256 * 1024;

    /// <summary>How many classes there are.</summary>
    internal const int Count = 9 + (8 * 11);

    private const int LinearEnd = 128;
    private const int LinearClasses = 9;

    /// <summary>Bytes that one visit to the central lists moves at most, and how many blocks.</summary>
    private const int MostBytesToMove = 64 * 1024;
    private const int MostToMove = 128;

    private static readonly int[] Sizes = [.. Enumerable.Range(0, Count).Select(SizeOfIndex)];
    private static readonly int[] Pages = [.. Sizes.Select(PagesFor)];

    /// <summary>The class of the smallest blocks that have so many bytes, from 1 to <see cref="Largest"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Of(uint size)
    {
        if (size <= 8)
            return 0;
        // One formula on both sides of the end of the linear steps, which are those of the doubling from 128 on: of mixed
        // sizes no processor can guess on which side the next one is.
        uint last = size - 1;
        int doubling = BitOperations.Log2(last | LinearEnd);
        return 1 + ((doubling - 7) << 3) + (int)(last >> (doubling - 3));
    }

    internal static int Size(int index) => Sizes[index];

    /// <summary>How many pages a span of the class has.</summary>
    internal static int SpanPages(int index) => Pages[index];

    /// <summary>How many blocks are moved at a time between a thread and the central list.</summary>
    internal static int Batch(int index) => Math.Clamp(MostBytesToMove / Sizes[index], 2, MostToMove);

    private static int SizeOfIndex(int index)
    {
        if (index == 0)
            return 8;
        if (index < LinearClasses)
            return index * 16;
        int step = index - LinearClasses;
        int start = LinearEnd << (step >> 3);
        return start + (((step & 7) + 1) * (start >> 3));
    }

    /// <summary>As few as leave at most an eighth of the span behind the last block.</summary>
    private static int PagesFor(int size)
    {
        int pages = 1;
        while ((pages * SpanMap.PageSize) % size > pages * SpanMap.PageSize / 8)
            pages++;
        return pages;
    }
}
