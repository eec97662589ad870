using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>
/// A fixed pool without checks: renting and returning are a few instructions that the compiler puts where the call
/// stands. Nothing is allocated on the managed heap. A structure on the stack, so that no script can get at it.
/// </summary>
/// <remarks>
/// For one thread at a time, unless the pool is concurrent. What is returned must come from this pool and be returned
/// once; under <see cref="FixedPoolOptions.Guard"/> that is checked, and else nothing is.
/// </remarks>
public readonly unsafe ref struct RawFixedPool
{
    private readonly FixedPool _pool;

    internal RawFixedPool(FixedPool pool) => _pool = pool;

    /// <summary>Takes a block. Its bytes are what they were, unless the pool zeroes them.</summary>
    /// <exception cref="Kernel.MemToolsException">All blocks are rented, and the pool may not grow or memory ran out.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockHandle Rent()
    {
        FixedPool pool = _pool;
        nint block = pool.Head;
        if (block == 0)
            return new(pool.RentSlow());
        pool.Head = *(nint*)block;
        pool.Rents++;
        return new(block);
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="block">One that was rented here and not returned since.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(BlockHandle block)
    {
        FixedPool pool = _pool;
        if (pool.Mode != 0)
        {
            pool.ReturnSlow(block.Address);
            return;
        }

        *(nint*)block.Address = pool.Head;
        pool.Head = block.Address;
        pool.Returns++;
    }
}
