using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>What one thread rented and returned. That thread writes it, others read it.</summary>
internal struct RentCounts
{
    internal long Rents;
    private long _returns;

    /// <summary>The most that rents were beyond returns since somebody asked.</summary>
    private long _peak;

    /// <summary>Below zero where this thread returns what others rent.</summary>
    private readonly long Held => Rents - _returns;

    /// <summary>It is highest before a return.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CountReturn()
    {
        long held = Held;
        if (held > _peak)
            _peak = held;
        _returns++;
    }

    /// <summary>Counts what was done at one time.</summary>
    /// <param name="rents">Blocks that were rented.</param>
    /// <param name="returns">Blocks that were returned.</param>
    /// <param name="most">How many of the former may have been out at the same time.</param>
    internal void Count(long rents, long returns, long most)
    {
        _peak = Math.Max(_peak, Held + most);
        Rents += rents;
        _returns += returns;
    }

    /// <summary>Adds both to sums over several threads.</summary>
    internal void AddTo(ref long rents, ref long returns)
    {
        rents += Volatile.Read(ref Rents);
        returns += Volatile.Read(ref _returns);
    }

    /// <summary>By how much the most was more than it is now, since somebody asked.</summary>
    internal long TakePeak()
    {
        long held = Math.Max(0, Held);
        long above = Math.Max(0, _peak - held);
        _peak = held;
        return above;
    }
}
