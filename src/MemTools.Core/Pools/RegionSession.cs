using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace MemTools.Pools;

/// <summary>
/// One thread's hold on the current chunk of a region, whose ends the compiler keeps in registers: a rent is an addition
/// and a comparison. <c>using RegionSession session = region.OpenSession();</c> around a loop.
/// </summary>
/// <remarks>Others that rent from the region meanwhile wait until it is disposed. Do not reset the region within one. Not to be copied.</remarks>
public ref struct RegionSession
{
    // Four fields: the compiler keeps the fields of structures with more of them in memory.
    private RegionPool? _pool;
    private nint _at;
    private nint _end;
    private long _rents;

    internal RegionSession(RegionPool pool, nint at, nint end)
    {
        _pool = pool;
        _at = at;
        _end = end;
    }

    /// <summary>Takes a block as an address and nothing else, aligned to 16 bytes. It is over with the reset.</summary>
    /// <param name="length">In bytes.</param>
    /// <exception cref="Kernel.MemToolsException">As of <see cref="RegionPool.Rent"/>.</exception>
    /// <exception cref="ObjectDisposedException">The session has ended.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockHandle RentRaw(nuint length)
    {
        nint block = _at;
        // Both ends are multiples of 16, so that what has room still has it when it is rounded up.
        if (length > (nuint)(_end - block))
            return new(RentSlow(length));
        _at = block + (nint)((length + (RegionChunk.Granule - 1)) & ~(nuint)(RegionChunk.Granule - 1));
        _rents++;
        return new(block);
    }

    /// <summary>Ends the session.</summary>
    public void Dispose()
    {
        _pool?.CloseSession(_at, _rents);
        (_pool, _at, _end) = (null, 0, 0);
    }

    /// <summary>Inlined as well: a field whose address is known elsewhere could not stay in a register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint RentSlow(nuint length)
    {
        RegionPool pool = _pool ?? throw new ObjectDisposedException(nameof(RegionSession), "The session has ended. OpenSession() begins another one.");
        nint at = _at;
        nint end = _end;
        Exception? failure = pool.RentInSession(length, _rents, ref at, ref end, out nint block);
        (_at, _end, _rents) = (at, end, 0);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
        return block;
    }
}
