using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>
/// What the threads of a concurrent pool share: batches of free blocks under a lock, so that there is no ABA to be had,
/// and one visit to the lock for each batch. Each thread has a cache of up to two batches that nobody else touches,
/// unless the pool is stopped.
/// </summary>
/// <remarks>
/// Stopping needs no atomic operation from the threads: each marks its cache as busy while it works on it, and looks
/// whether the pool is stopped. Whoever stops it sets the flag, has all processors finish their stores (membarrier(2)),
/// and waits until no cache is busy. That is how the blocks in the caches of others are found when a pool runs out, is
/// trimmed or removed. Caches of threads that have ended are emptied as they are found.
/// </remarks>
internal sealed unsafe class BlockDepot
{
    private const int Idle = 0;
    private const int AtWork = 1;
    private const int InSession = 2;

    private const int MostBlocks = 128;
    private const long MostBytes = 64 * 1024;

    [ThreadStatic]
    private static BlockCache?[]? t_caches;

    private readonly FixedPool _pool;
    private readonly PoolNumber _number = new();
    private readonly object _gate = new();
    private readonly List<BlockCache> _caches = [];
    private readonly int _batch;
    private nint[] _batches = [];
    private int _batchCount;
    private volatile bool _stopped;
    private long _endedRents;
    private long _endedReturns;
    private long _highWaterMark;

    /// <param name="pool">Whose blocks they are.</param>
    /// <param name="stride">From block to block, in bytes.</param>
    internal BlockDepot(FixedPool pool, long stride)
    {
        _pool = pool;
        _batch = (int)Math.Clamp(MostBytes / stride, 1, MostBlocks);
    }

    /// <summary>By all threads so far.</summary>
    internal (long Rents, long Returns) Totals()
    {
        lock (_gate)
        {
            long rents = _endedRents;
            long returns = _endedReturns;
            foreach (BlockCache cache in _caches)
            {
                cache.State.Counts.AddTo(ref rents, ref returns);
            }

            return (rents, returns);
        }
    }

    /// <summary>How many blocks are rented now, or were when one of the threads had most.</summary>
    internal long HighWaterMark()
    {
        lock (_gate)
            return MarkHighWater();
    }

    internal nint Rent()
    {
        BlockCache? cache = Own();
        if (cache is not null && cache.State.Busy == Idle)
        {
            ref BlockCacheState state = ref cache.State;
            Volatile.Write(ref state.Busy, AtWork);
            if (!_stopped)
            {
                nint block = state.Head;
                if (block == 0 && state.Spare != 0)
                {
                    block = state.Spare;
                    state.Spare = 0;
                    state.Count = _batch;
                }

                if (block != 0)
                {
                    state.Head = *(nint*)block;
                    state.Count--;
                    state.Counts.Rents++;
                    Volatile.Write(ref state.Busy, Idle);
                    return block;
                }
            }

            Volatile.Write(ref state.Busy, Idle);
        }

        return RentFromDepot(cache);
    }

    internal void Return(nint block)
    {
        BlockCache? cache = Own();
        if (cache is not null && cache.State.Busy == Idle)
        {
            ref BlockCacheState state = ref cache.State;
            Volatile.Write(ref state.Busy, AtWork);
            if (!_stopped && TryPut(ref state, block))
            {
                Volatile.Write(ref state.Busy, Idle);
                return;
            }

            Volatile.Write(ref state.Busy, Idle);
        }

        ReturnToDepot(cache, block);
    }

    /// <summary>Makes room for as many batches as so many blocks can be.</summary>
    internal void Reserve(long blocks)
    {
        long room = (blocks / _batch) + 1;
        if (room > _batches.Length)
            Array.Resize(ref _batches, (int)Math.Min(room, Array.MaxLength));
    }

    /// <summary>Does something while no thread rents or returns, with all free blocks on the pool's list.</summary>
    internal long Stopped(Func<long> work)
    {
        lock (_gate)
        {
            Stop();
            foreach (BlockCache cache in _caches)
                Empty(cache);
            while (_batchCount > 0)
                Loosen(_batches[--_batchCount]);
            try
            {
                return work();
            }
            finally
            {
                // A pool that is gone stays stopped: each thread then comes to the gate and hears of it.
                _stopped = _pool.IsDisposed;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private BlockCache? Own()
    {
        BlockCache?[]? caches = t_caches;
        int index = _number.Index;
        return caches is not null && (uint)index < (uint)caches.Length && caches[index] is { } cache && cache.Pool == _number.Id
            ? cache
            : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryPut(ref BlockCacheState state, nint block)
    {
        if (state.Count < _batch)
        {
            *(nint*)block = state.Head;
            state.Count++;
        }
        else if (state.Spare == 0)
        {
            *(nint*)block = 0;
            state.Spare = state.Head;
            state.Count = 1;
        }
        else
        {
            return false;
        }

        state.Head = block;
        state.Counts.CountReturn();
        return true;
    }

    /// <summary>Whether some thread has blocks in a session. Ask while the pool is stopped.</summary>
    internal bool HasSessions => _caches.Exists(cache => cache.State.Busy == InSession);

    /// <summary>Hands the blocks of the calling thread's cache to its session, until <see cref="EndSession"/>.</summary>
    /// <returns>False where a session has them already.</returns>
    internal bool TryBeginSession(out SessionHand hand)
    {
        lock (_gate)
        {
            hand = default;
            if (_pool.IsDisposed)
                return true;
            ref BlockCacheState state = ref (Own() ?? NewCache()).State;
            if (state.Busy == InSession)
                return false;
            state.Busy = InSession;
            hand = new(state.Head, state.Count, 0);
            return true;
        }
    }

    internal void EndSession(SessionHand hand)
    {
        lock (_gate)
        {
            ref BlockCacheState state = ref Own()!.State;
            Settle(ref state, hand);
            if (_pool.IsDisposed)
                (state.Head, state.Count) = (0, 0);
            Volatile.Write(ref state.Busy, Idle);
        }
    }

    /// <summary>Gives a session a batch in place of the list that it has used up.</summary>
    internal void Fill(ref SessionHand hand)
    {
        ref BlockCacheState state = ref Own()!.State;
        if (!TryFillFromSpare(ref state, hand))
        {
            lock (_gate)
            {
                if (_pool.IsDisposed)
                    throw _pool.Gone();
                Settle(ref state, hand);
                hand = new(0, 0, 0);
                if (!TryFill(ref state))
                    Find(ref state);
                MarkHighWaterIfNew();
            }
        }

        hand = new(state.Head, state.Count, 0);
    }

    /// <summary>Takes a full list from a session.</summary>
    internal void Drain(ref SessionHand hand)
    {
        ref BlockCacheState state = ref Own()!.State;
        if (!TryKeepAsSpare(ref state, hand))
        {
            lock (_gate)
            {
                if (_pool.IsDisposed)
                    throw _pool.Gone();
                Settle(ref state, hand);
                if (state.Spare != 0)
                    _batches[_batchCount++] = state.Spare;
                state.Spare = state.Head;
                (state.Head, state.Count) = (0, 0);
            }
        }

        hand = new(0, 0, 0);
    }

    /// <summary>As far as the thread's own second batch goes, which others look at while the pool is stopped.</summary>
    private bool TryFillFromSpare(ref BlockCacheState state, SessionHand hand)
    {
        Volatile.Write(ref state.Busy, AtWork);
        bool found = !_stopped && state.Spare != 0;
        if (found)
        {
            Settle(ref state, hand);
            (state.Head, state.Count, state.Spare) = (state.Spare, _batch, 0);
        }

        Volatile.Write(ref state.Busy, InSession);
        return found;
    }

    private bool TryKeepAsSpare(ref BlockCacheState state, SessionHand hand)
    {
        Volatile.Write(ref state.Busy, AtWork);
        bool room = !_stopped && state.Spare == 0;
        if (room)
        {
            Settle(ref state, hand);
            (state.Spare, state.Head, state.Count) = (state.Head, 0, 0);
        }

        Volatile.Write(ref state.Busy, InSession);
        return room;
    }

    /// <summary>Brings a cache up to date with what a session did.</summary>
    private static void Settle(ref BlockCacheState state, SessionHand hand)
    {
        state.Counts.Count(hand.Rents, hand.Rents + hand.Free - state.Count, Math.Min(hand.Rents, state.Count));
        (state.Head, state.Count) = (hand.Head, (int)hand.Free);
    }

    /// <summary>How many blocks a session may have in hand.</summary>
    internal int BatchSize => _batch;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private nint RentFromDepot(BlockCache? cache)
    {
        lock (_gate)
        {
            if (_pool.IsDisposed)
                throw _pool.Gone();
            cache ??= NewCache();
            ref BlockCacheState state = ref cache.State;
            if (state.Busy == InSession)
                return RentPastCache();
            if (!TryFill(ref state))
                Find(ref state);
            MarkHighWaterIfNew();
            nint block = state.Head;
            state.Head = *(nint*)block;
            state.Count--;
            state.Counts.Rents++;
            return block;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReturnToDepot(BlockCache? cache, nint block)
    {
        lock (_gate)
        {
            if (_pool.IsDisposed)
                throw _pool.Gone();
            cache ??= NewCache();
            ref BlockCacheState state = ref cache.State;
            if (state.Busy == InSession)
            {
                *(nint*)block = _pool.List;
                _pool.List = block;
                state.Counts.CountReturn();
                return;
            }

            if (TryPut(ref state, block))
                return;
            _batches[_batchCount++] = state.Spare;
            state.Spare = 0;
            _ = TryPut(ref state, block);
        }
    }

    /// <summary>Fills an empty cache with what is at hand: a batch, loose blocks, or blocks that were never used.</summary>
    private bool TryFill(ref BlockCacheState state)
    {
        if (_batchCount > 0)
        {
            state.Head = _batches[--_batchCount];
            state.Count = _batch;
            return true;
        }

        return TakeLoose(ref state, _batch) || Carve(ref state);
    }

    /// <summary>Nothing is at hand: looks into the caches of ended threads, grows, or takes from the caches of others.</summary>
    private void Find(ref BlockCacheState state)
    {
        EmptyEnded();
        if (TakeLoose(ref state, _batch))
            return;
        if (!_pool.CanGrow)
        {
            Stop();
            foreach (BlockCache other in _caches)
                Empty(other);
            _stopped = false;
            // The others need some too.
            if (TakeLoose(ref state, 1))
                return;
        }

        _pool.Grow();
        _ = Carve(ref state);
    }

    /// <summary>A block for a thread that has its own cache's list in a session.</summary>
    private nint RentPastCache()
    {
        BlockCacheState one = default;
        if (!TakeLoose(ref one, 1) && !_pool.TryCarve(out one.Head))
            Find(ref one);
        nint block = one.Head;
        Loosen(*(nint*)block);
        Own()!.State.Counts.Rents++;
        return block;
    }

    private bool TakeLoose(ref BlockCacheState state, int most)
    {
        ref nint list = ref _pool.List;
        if (list == 0)
            return false;
        nint last = list;
        int count = 1;
        for (; count < most && *(nint*)last != 0; count++)
            last = *(nint*)last;
        (state.Head, state.Count) = (list, count);
        list = *(nint*)last;
        *(nint*)last = 0;
        return true;
    }

    private bool Carve(ref BlockCacheState state)
    {
        nint head = 0;
        int count = 0;
        for (; count < _batch && _pool.TryCarve(out nint block); count++)
        {
            *(nint*)block = head;
            head = block;
        }

        (state.Head, state.Count) = (head, count);
        return count > 0;
    }

    private BlockCache NewCache()
    {
        EmptyEnded();
        BlockCache?[] caches = t_caches ?? [];
        if (caches.Length <= _number.Index)
        {
            Array.Resize(ref caches, Math.Max(4, 2 * (_number.Index + 1)));
            t_caches = caches;
        }

        BlockCache cache = new(_number.Id);
        caches[_number.Index] = cache;
        _caches.Add(cache);
        return cache;
    }

    /// <summary>From here on no thread is at work on its cache, nor will be before the gate is open and the flag is down.</summary>
    private void Stop()
    {
        _stopped = true;
        Interlocked.MemoryBarrierProcessWide();
        foreach (BlockCache cache in _caches)
        {
            SpinWait wait = default;
            while (Volatile.Read(ref cache.State.Busy) == AtWork)
                wait.SpinOnce();
        }
    }

    private void EmptyEnded()
    {
        for (int i = _caches.Count - 1; i >= 0; i--)
        {
            BlockCache cache = _caches[i];
            if (cache.Owner.IsAlive)
                continue;
            Empty(cache);
            MarkHighWaterIfNew();
            cache.State.Counts.AddTo(ref _endedRents, ref _endedReturns);
            _caches.RemoveAt(i);
        }
    }

    /// <summary>Only where more blocks than ever are rented or in caches can more be rented than ever.</summary>
    private void MarkHighWaterIfNew()
    {
        if (_pool.Carved - ((long)_batchCount * _batch) > _highWaterMark)
            _ = MarkHighWater();
    }

    private long MarkHighWater()
    {
        (long rents, long returns) = Totals();
        long most = 0;
        foreach (BlockCache cache in _caches)
            most = Math.Max(most, cache.State.Counts.TakePeak());
        return _highWaterMark = Math.Max(_highWaterMark, rents - returns + most);
    }

    private void Empty(BlockCache cache)
    {
        ref BlockCacheState state = ref cache.State;
        Loosen(state.Spare);
        state.Spare = 0;
        // What is in a session is its own; and where its thread ended within it, nobody knows what it rented since.
        if (state.Busy == InSession)
            return;
        Loosen(state.Head);
        (state.Head, state.Count) = (0, 0);
    }

    /// <summary>Puts a chain of blocks on the pool's list.</summary>
    private void Loosen(nint chain)
    {
        if (chain == 0)
            return;
        nint last = chain;
        while (*(nint*)last != 0)
            last = *(nint*)last;
        ref nint list = ref _pool.List;
        *(nint*)last = list;
        list = chain;
    }
}
