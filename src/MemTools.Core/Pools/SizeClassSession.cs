using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>
/// One thread's way to its own cache of a size-class pool, found once instead of at each rent. Nothing is allocated on
/// the managed heap. <c>using SizeClassSession session = pool.OpenSession();</c> around a loop.
/// </summary>
/// <remarks>The blocks in its cache are not found by a trim, or by threads that run out, before it is disposed. Not to be copied.</remarks>
public unsafe ref struct SizeClassSession
{
    // Four fields, and no call that gets the address of the structure: the compiler keeps them in registers then.
    private readonly SizeClassPool _pool;
    private readonly SizeClassCache _cache;
    private readonly uint** _map;
    private SizeClassCacheState* _state;

    internal SizeClassSession(SizeClassPool pool, SizeClassCache cache)
    {
        _pool = pool;
        _cache = cache;
        _map = pool.Map.Root;
        _state = cache.State;
    }

    /// <summary>Takes a block whose every use is checked.</summary>
    /// <param name="length">In bytes, 0 or more.</param>
    /// <exception cref="Kernel.MemToolsException">As of <see cref="SizeClassPool.Rent"/>.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed, or the session ended.</exception>
    public readonly PoolBlock Rent(long length)
    {
        _ = SizeClassPool.SizeFor(length);
        return _pool.Stamp(RentRaw((nuint)length).Address, length);
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="block">A block of this pool, whoever rented it.</param>
    /// <exception cref="Kernel.MemToolsException">DoubleReturn, ForeignBlock.</exception>
    public readonly void Return(PoolBlock block) => Return(new BlockHandle(_pool.Unstamp(block)));

    /// <summary>
    /// Takes a block as an address and nothing else. Whoever returns it twice, or uses it afterwards, damages the pool.
    /// </summary>
    /// <param name="length">In bytes, 0 or more.</param>
    /// <exception cref="Kernel.MemToolsException">As of <see cref="SizeClassPool.Rent"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly BlockHandle RentRaw(nuint length)
    {
        if (length > SizeClasses.Largest || _state == null)
            return new(RentElsewhere(_pool, _state, length));
        int index = SizeClasses.Of((uint)length);
        ClassList* list = (ClassList*)&_state->Lists + index;
        nint block = list->Head;
        if (block == 0)
            return new(_pool.RentSlow(_cache, index));
        list->Head = *(nint*)block;
        list->Count--;
        _state->Counts.Rents++;
        return new(block);
    }

    /// <summary>Gives such a block back.</summary>
    /// <param name="block">One that was rented as an address and not returned since. Only that it is of this pool is checked.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Return(BlockHandle block)
    {
        // A session that has ended, or never begun, has no map to look into.
        uint entry = _state == null ? 0 : SpanMap.Entry(_map, block.Address);
        int index = SpanMap.ClassOf(entry) - 1;
        if ((uint)index >= SizeClasses.Count)
        {
            ReturnElsewhere(_pool, _state, block.Address, entry);
            return;
        }

        ClassList* list = (ClassList*)&_state->Lists + index;
        if (list->Count >= list->Most)
        {
            _pool.ReturnSlow(_cache, index, block.Address);
            return;
        }

        *(nint*)block.Address = list->Head;
        list->Head = block.Address;
        list->Count++;
        _state->Counts.CountReturn();
    }

    /// <summary>Ends the session.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (_state != null)
            _pool.EndSession(_cache);
        _state = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint RentElsewhere(SizeClassPool? pool, SizeClassCacheState* state, nuint length)
    {
        SizeClassPool open = OpenPool(pool, state);
        _ = SizeClassPool.SizeFor((long)Math.Min(length, long.MaxValue));
        return open.RentLarge((long)length);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReturnElsewhere(SizeClassPool? pool, SizeClassCacheState* state, nint block, uint entry) =>
        OpenPool(pool, state).ReturnWhole(block, entry);

    private static SizeClassPool OpenPool(SizeClassPool? pool, SizeClassCacheState* state) => state != null
        ? pool!
        : throw new ObjectDisposedException(pool?.Name, "The session of the pool has ended. OpenSession() begins another one.");
}
