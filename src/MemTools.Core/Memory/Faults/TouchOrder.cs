using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemTools.Memory;

/// <summary>
/// The offsets to touch, one after the other. It keeps no list: a list of a million offsets would itself be memory
/// that faults.
/// </summary>
internal struct TouchOrder
{
    // A linear congruential generator modulo a power of two visits every number once before it repeats if the
    // multiplier is 1 modulo 4 and the increment is odd (Hull and Dobell). These two are Knuth's for MMIX.
    private const ulong Multiplier = 6364136223846793005;
    private const ulong Increment = 1442695040888963407;

    private readonly bool _random;
    private readonly long _step;
    private readonly ulong _pages;
    private readonly ulong _mask;
    private readonly int _shift;
    private ulong _state;
    private long _next;

    internal TouchOrder(MappingExperimentOptions options, long length, long pageSize)
    {
        _random = options.Pattern == PagePattern.Random;
        _step = options.Pattern == PagePattern.Stride ? options.StrideBytes : pageSize;
        Count = ((length - 1) / _step) + 1;
        PagesTouched = Math.Min(Count, length / pageSize);
        _pages = (ulong)Count;
        int bits = 64 - BitOperations.LeadingZeroCount(_pages - 1);
        _mask = bits == 0 ? 0 : ulong.MaxValue >> (64 - bits);
        _shift = Math.Max(1, bits / 2);
    }

    /// <summary>How many touches there are.</summary>
    internal long Count { get; }

    /// <summary>How many different pages they meet: a stride below a page meets every page, some of them often.</summary>
    internal long PagesTouched { get; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long Next()
    {
        if (_random)
            return NextOfAny() * _step;
        long offset = _next;
        _next += _step;
        return offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long NextOfAny()
    {
        ulong page;
        do
        {
            _state = ((_state * Multiplier) + Increment) & _mask;
            // The low bits of such a generator have short periods; the high ones are mixed in, and each page stays one.
            page = _state ^ (_state >> _shift);
        }
        while (page >= _pages);
        return (long)page;
    }
}
