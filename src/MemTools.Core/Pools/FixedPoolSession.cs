using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace MemTools.Pools;

/// <summary>
/// One thread's hold on the free blocks of a fixed pool: the head of their list is in a local variable, which the
/// compiler keeps in a register. Renting and returning are then a few instructions, and nothing is allocated on the
/// managed heap. <c>using FixedPoolSession session = pool.OpenSession();</c> around a loop.
/// </summary>
/// <remarks>
/// Of a pool that is not concurrent there is one session at a time, and other threads that rent or return meanwhile wait
/// until it is disposed; of a concurrent one each thread has its own. Counters of the pool are brought up to date when
/// the session is disposed. Not to be copied. <c>using</c> around a loop keeps the structure in memory, since a handler of
/// exceptions may look at it; where nanoseconds count, call <see cref="Dispose"/> behind the loop.
/// </remarks>
public unsafe ref struct FixedPoolSession
{
    /// <summary>In place of the most that may come in, of a session that was disposed.</summary>
    private const long Ended = -1;

    /// <summary>In place of a link that has to be read from its block: no block begins at an odd address.</summary>
    private const nint Unknown = -1;

    private readonly FixedPool _pool;

    /// <summary>The list of free blocks in hand.</summary>
    private nint _head;

    /// <summary>
    /// The link of the block at the head, where it was returned last; else <see cref="Unknown"/>. It has been stored a moment
    /// ago: to load it would make each rent wait for the return before it, and all addresses that follow. The list in memory is
    /// complete all the same.
    /// </summary>
    private nint _behind;

    // Two numbers say how many blocks were rented, how many are in hand, and whether there may be one more, so that a rent
    // and a return count up one of them each.

    /// <summary>How many blocks came into the list: those of its beginning, and those that were returned.</summary>
    private long _came;

    /// <summary>How many may come: as many as were rented from it, and <see cref="FixedPool.MostInHand"/>.</summary>
    private long _mayCome;

    internal FixedPoolSession(FixedPool pool, SessionHand hand)
    {
        _pool = pool;
        _head = hand.Head;
        _behind = Unknown;
        _came = hand.Free;
        _mayCome = pool.MostInHand;
    }

    /// <summary>What the pool gets for a step of its own.</summary>
    private readonly SessionHand Hand
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long rents = _mayCome - _pool.MostInHand;
            return new(_head, _came - rents, rents);
        }
    }

    /// <summary>Takes a block whose every use is checked.</summary>
    /// <exception cref="Kernel.MemToolsException">PoolExhausted: all are rented, and the pool may not grow. OutOfMemory and others: it cannot.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PoolBlock Rent()
    {
        nint block = _head;
        BlockTable table = _pool.Recent;
        if (table.TryRent(block, out long generation, out uint place, out int number))
        {
            Pop(_behind != Unknown ? _behind : *(nint*)block);
            return new(table, place, generation, number);
        }

        return RentSlow();
    }

    /// <summary>
    /// Takes a block as <see cref="Rent()"/> does and writes the handle to a variable or an array's element. Where a handle of
    /// the same mapping is there already this is faster than an assignment, which tells the garbage collector of a reference.
    /// </summary>
    /// <param name="place">Where the handle goes. What is there is overwritten, not returned.</param>
    /// <exception cref="Kernel.MemToolsException">As of <see cref="Rent()"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void RentInto(ref PoolBlock place)
    {
        nint block = _head;
        BlockTable table = _pool.Recent;
        if (place.Table != table || !table.TryRent(block, out long generation, out uint at, out int number))
        {
            place = RentSlow();
            return;
        }

        Pop(_behind != Unknown ? _behind : *(nint*)block);
        PoolBlock.Renew(ref place, at, generation, number);
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="block">A block of this pool, whoever rented it.</param>
    /// <exception cref="Kernel.MemToolsException">DoubleReturn, ForeignBlock; BlockDamaged in a guarded pool.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(PoolBlock block)
    {
        BlockTable? table = block.Table;
        if ((table == _pool.Recent || (table is not null && table.Fixed == _pool)) && _came < _mayCome
            && _pool.EndsInSession(ref table.Generation(block.Detail), block.Generation))
        {
            Push(table.AddressAt(block.Place));
            return;
        }

        ReturnSlow(block);
    }

    /// <summary>
    /// Takes a block as an address and nothing else. Whoever returns it twice, or uses it afterwards, damages the pool,
    /// unless that is guarded.
    /// </summary>
    /// <exception cref="Kernel.MemToolsException">As of <see cref="Rent"/>.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public BlockHandle RentRaw()
    {
        nint block = _head;
        nint behind = _behind;
        if (behind == Unknown)
        {
            if (block == 0)
                return new(RentRawSlow());
            behind = *(nint*)block;
        }

        Pop(behind);
        return new(block);
    }

    /// <summary>Gives such a block back.</summary>
    /// <param name="block">One that was rented here as an address and not returned since. Nothing checks that.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(BlockHandle block)
    {
        if (_came >= _mayCome)
        {
            ReturnRawSlow(block.Address);
            return;
        }

        Push(block.Address);
    }

    /// <summary>Ends the session.</summary>
    public void Dispose()
    {
        if (_pool is null || _mayCome == Ended)
            return;
        _pool.CloseSession(Hand);
        (_head, _behind, _came, _mayCome) = (0, Unknown, 0, Ended);
    }

    /// <summary>Takes the head off the list.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Pop(nint behind)
    {
        _head = behind;
        _behind = Unknown;
        _mayCome++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Push(nint block)
    {
        nint behind = _head;
        *(nint*)block = behind;
        _head = block;
        _behind = behind;
        _came++;
    }

    // The steps below are inlined as well: a field whose address is known elsewhere could not stay in a register.

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PoolBlock RentSlow()
    {
        SessionHand hand = Hand;
        Exception? failure = _pool.RentInSession(ref hand, out PoolBlock block);
        Take(hand, failure);
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint RentRawSlow()
    {
        SessionHand hand = Hand;
        Exception? failure = _pool.RentRawInSession(ref hand, out nint block);
        Take(hand, failure);
        return block;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReturnSlow(PoolBlock block)
    {
        SessionHand hand = Hand;
        Exception? failure = _pool.ReturnInSession(ref hand, block);
        Take(hand, failure);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReturnRawSlow(nint block)
    {
        SessionHand hand = Hand;
        Exception? failure = _pool.ReturnRawInSession(ref hand, block);
        Take(hand, failure);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(SessionHand hand, Exception? failure)
    {
        (_head, _behind) = (hand.Head, Unknown);
        (_came, _mayCome) = (hand.Free + hand.Rents, _pool.MostInHand + hand.Rents);
        if (failure is not null)
            ExceptionDispatchInfo.Throw(failure);
    }
}
