using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// A run of equal blocks, and for each its generation, which renting and returning count up: odd while it is rented. A
/// <see cref="PoolBlock"/> refers to it, so that it outlives its memory and a handle that is too old always finds out.
/// </summary>
internal sealed class BlockTable
{
    /// <summary>Up to this size a multiplication replaces the division, exactly: see <see cref="IndexOf"/>.</summary>
    private const long LargestReciprocal = 1L << 16;

    private readonly ulong _reciprocal;
    private long[] _generations = [];

    /// <param name="pool">Whose blocks they are.</param>
    /// <param name="memory">Where they lie.</param>
    /// <param name="start">First byte of the first block.</param>
    /// <param name="stride">From one block to the next, in bytes.</param>
    /// <param name="blockLength">Of each, in bytes.</param>
    /// <param name="count">How many.</param>
    internal BlockTable(MemoryPool pool, Mapping memory, nint start, long stride, long blockLength, int count)
    {
        Pool = pool;
        Fixed = pool as FixedPool;
        Memory = memory;
        Start = start;
        Stride = stride;
        BlockLength = blockLength;
        Count = count;
        _reciprocal = stride <= LargestReciprocal ? (ulong.MaxValue / (ulong)stride) + 1 : 0;
    }

    internal MemoryPool Pool { get; }

    /// <summary>The pool where it is a fixed one: what is asked most often is asked without a virtual call.</summary>
    internal FixedPool? Fixed { get; }

    internal Mapping Memory { get; }

    internal nint Start { get; }

    internal long Stride { get; }

    internal long BlockLength { get; }

    internal int Count { get; }

    internal nint End => Start + (nint)(Stride * Count);

    /// <summary>Whether generations are kept: only blocks that are rented as <see cref="PoolBlock"/> need them.</summary>
    internal bool HasGenerations => _generations.Length > 0;

    internal void KeepGenerations()
    {
        if (_generations.Length == 0)
            _generations = new long[Count];
    }

    /// <summary>All handles become invalid.</summary>
    internal void Invalidate()
    {
        for (int i = 0; i < _generations.Length; i++)
            _generations[i] = (_generations[i] + 1) & ~1L;
    }

    /// <summary>The generation of a block; the index has been checked, and generations are kept.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref long Generation(int index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_generations), index);

    internal bool IsRented(int index) => HasGenerations && (Volatile.Read(ref Generation(index)) & 1) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool Holds(nint address) => (nuint)(address - Start) < (nuint)(Stride * Count);

    /// <summary>The number of the block that begins at an address, or -1 where none does.</summary>
    /// <remarks>
    /// With r = ⌈2^64 / d⌉ the high half of n · r is ⌊n / d⌋ as long as n · d is below 2^64. A table has at most 2^30
    /// blocks of at most 2^16 bytes, so that n · d is at most 2^62; for powers of two r is exact anyway.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int IndexOf(nint address)
    {
        ulong offset = (ulong)(address - Start);
        ulong index = _reciprocal != 0 ? HighHalf(offset, _reciprocal) : offset / (ulong)Stride;
        return index < (ulong)Count && index * (ulong)Stride == offset ? (int)index : -1;
    }

    /// <summary>Of a product. Math.BigMul stores the low half as well.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong HighHalf(ulong a, ulong b) =>
        Bmi2.X64.IsSupported ? Bmi2.X64.MultiplyNoFlags(a, b) : Math.BigMul(a, b, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint AddressOf(int index) => Start + (nint)(index * Stride);
}
