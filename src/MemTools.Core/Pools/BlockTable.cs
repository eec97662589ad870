using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// A run of equal blocks, and for each its generation, which renting and returning count up: odd while it is rented. A
/// <see cref="PoolBlock"/> refers to it, so that it outlives its memory and a handle that is too old always finds out.
/// </summary>
internal sealed class BlockTable
{
    /// <summary>In place of the table of a pool that has none: it holds no address.</summary>
    internal static readonly BlockTable None = new();

    /// <summary>Handles know blocks by their distance from <see cref="Start"/> in units of so many bytes.</summary>
    private const int PlaceShift = 3;

    private readonly ulong _inverse;
    private readonly int _twos;
    private long[] _generations = [];
    private RentPlace?[]? _places;

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
        _twos = BitOperations.TrailingZeroCount(stride);
        _inverse = InverseOf((ulong)stride >> _twos);
    }

    private BlockTable()
    {
        Pool = null!;
        Memory = null!;
    }

    /// <summary>A table of several blocks has at most so many bytes: their places are 32 bits.</summary>
    internal static long MostBytes => (long)uint.MaxValue << PlaceShift;

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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int IndexOf(nint address)
    {
        ulong index = Quotient((ulong)(address - Start));
        return index < (ulong)Count ? (int)index : -1;
    }

    /// <summary>
    /// Counts the generation of a free block up: it is rented from here on. Where no block begins at the address, none are
    /// kept, or it is rented already, nothing is done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryRent(nint address, out long mine, out uint place, out int number)
    {
        long[] generations = _generations;
        ulong offset = (ulong)(address - Start);
        ulong index = Quotient(offset);
        // Before the store: or the compiler would have to load the beginning again.
        place = (uint)(offset >> PlaceShift);
        number = (int)index;
        if (index < (ulong)generations.Length)
        {
            ref long generation = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(generations), (nint)index);
            mine = generation + 1;
            if ((mine & 1) != 0)
            {
                generation = mine;
                return true;
            }
        }

        mine = 0;
        return false;
    }

    /// <summary>The generation of a block by its place, which came from here.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref long GenerationAt(uint place) => ref Generation((int)Quotient((ulong)place << PlaceShift));

    internal nint AddressOf(int index) => Start + (nint)(index * Stride);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint AddressAt(uint place) => Start + (nint)((ulong)place << PlaceShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint PlaceOf(nint address) => (uint)((ulong)(address - Start) >> PlaceShift);

    /// <summary>Keeps where a block was rented.</summary>
    internal void Note(int index, RentPlace place)
    {
        RentPlace?[] places = _places ?? Interlocked.CompareExchange(ref _places, new RentPlace?[Count], null) ?? _places;
        places[index] = place;
    }

    /// <summary>Where a block was rented last; null where that was not kept.</summary>
    internal RentPlace? NotedAt(int index) => _places?[index];

    /// <summary>
    /// An offset by the stride; more than any index where the stride does not divide it. A stride is an odd number times
    /// 2^k. Modulo 2^64, odd numbers have inverses: a product with one is the quotient where there is no remainder, and
    /// rotated by k bits it is too large wherever there is one (Granlund and Montgomery, 1994, section 9).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong Quotient(ulong offset) => BitOperations.RotateRight(offset * _inverse, _twos);

    /// <summary>Of an odd number modulo 2^64, by Newton: each step doubles the bits that are right, 3 at first.</summary>
    private static ulong InverseOf(ulong odd)
    {
        ulong inverse = odd;
        for (int bits = 3; bits < 64; bits *= 2)
            inverse *= 2 - (odd * inverse);
        return inverse;
    }
}
