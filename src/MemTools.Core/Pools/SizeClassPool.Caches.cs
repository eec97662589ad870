using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>The caches of threads, and what they exchange with the central lists.</summary>
public sealed unsafe partial class SizeClassPool
{
    /// <summary>As far as a cache goes, for a session; the rest is <see cref="RentSlow"/>.</summary>
    internal nint RentSmall(int index)
    {
        SizeClassCache? cache = Own();
        if (cache is not null && cache.State->Busy == Idle)
        {
            SizeClassCacheState* state = cache.State;
            Volatile.Write(ref state->Busy, AtWork);
            if (!_stopped)
            {
                ref ClassList list = ref state->Lists[index];
                nint block = list.Head;
                if (block != 0)
                {
                    list.Head = *(nint*)block;
                    list.Count--;
                    state->Counts.Rents++;
                    Volatile.Write(ref state->Busy, Idle);
                    GC.KeepAlive(cache);
                    return block;
                }
            }

            Volatile.Write(ref state->Busy, Idle);
        }

        return RentSlow(cache, index);
    }

    /// <summary>Fills the cache's list from the central one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal nint RentSlow(SizeClassCache? cache, int index)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            cache ??= NewCache();
            SizeClassCacheState* state = cache.State;
            ref ClassList list = ref state->Lists[index];
            nint block = list.Head;
            if (block != 0)
            {
                list.Count--;
            }
            else
            {
                block = TakeCentral(index, Math.Min(list.Most, SizeClasses.Batch(index)), out int count);
                list.Count = count - 1;
                Widen(ref list, index);
            }

            list.Head = *(nint*)block;
            state->Counts.Rents++;
            return block;
        }
    }

    internal nint RentLarge(long length)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            Span span = AllocateSpan(PoolMemory.RoundUp(length, SpanMap.PageSize) >> SpanMap.PageShift);
            span.Capacity = 1;
            _largeOut++;
            _rents++;
            Moved(1);
            return span.Start;
        }
    }

    /// <summary>Takes back an address, of whatever class.</summary>
    internal void ReturnAddress(nint block)
    {
        uint entry = Map.Entry(block);
        int index = SpanMap.ClassOf(entry) - 1;
        if ((uint)index >= SizeClasses.Count)
        {
            ReturnWhole(block, entry);
            return;
        }

        SizeClassCache? cache = Own();
        if (cache is not null && cache.State->Busy == Idle)
        {
            SizeClassCacheState* state = cache.State;
            Volatile.Write(ref state->Busy, AtWork);
            ref ClassList list = ref state->Lists[index];
            if (!_stopped && list.Count < list.Most)
            {
                *(nint*)block = list.Head;
                list.Head = block;
                list.Count++;
                state->Counts.CountReturn();
                Volatile.Write(ref state->Busy, Idle);
                GC.KeepAlive(cache);
                return;
            }

            Volatile.Write(ref state->Busy, Idle);
        }

        ReturnSlow(cache, index, block);
    }

    /// <summary>Returns a block to a cache whose list is full, and the list to the central one.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void ReturnSlow(SizeClassCache? cache, int index, nint block)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            cache ??= NewCache();
            SizeClassCacheState* state = cache.State;
            ref ClassList list = ref state->Lists[index];
            if (list.Count >= list.Most)
            {
                Shed(ref list, index);
                Widen(ref list, index);
            }

            *(nint*)block = list.Head;
            list.Head = block;
            list.Count++;
            state->Counts.CountReturn();
        }
    }

    /// <summary>A block that is a span, or no block at all.</summary>
    internal void ReturnWhole(nint block, uint entry)
    {
        lock (_gate)
        {
            ThrowIfClosed();
            if (SpanMap.ClassOf(entry) != SpanMap.Whole || Pages.Find(SpanMap.NumberOf(entry)) is not { Class: Span.Large } span || span.Start != block)
                throw PoolErrors.Foreign(this, (ulong)block, owner: null);
            _largeOut--;
            _returns++;
            Moved(-1);
            Pages.Return(span);
        }
    }

    internal void EndSession(SizeClassCache cache) => Volatile.Write(ref cache.State->Busy, Idle);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private SizeClassCache? Own()
    {
        SizeClassCache?[]? caches = t_caches;
        int index = _number.Index;
        return caches is not null && (uint)index < (uint)caches.Length && caches[index] is { } cache && cache.Pool == _number.Id
            ? cache
            : null;
    }

    private SizeClassCache NewCache()
    {
        EmptyEnded();
        SizeClassCache?[] caches = t_caches ?? [];
        if (caches.Length <= _number.Index)
        {
            Array.Resize(ref caches, Math.Max(4, 2 * (_number.Index + 1)));
            t_caches = caches;
        }

        SizeClassCache cache = new(_number.Id);
        caches[_number.Index] = cache;
        _caches.Add(cache);
        return cache;
    }

    private nint TakeCentral(int index, int wanted, out int count)
    {
        try
        {
            return _central[index].Take(wanted, out count);
        }
        catch (Exception e) when (e is IHasErrorKind && EmptyOthers())
        {
            return _central[index].Take(wanted, out count);
        }
    }

    private Span AllocateSpan(long pages)
    {
        try
        {
            return Pages.Allocate(pages, Span.Large);
        }
        catch (Exception e) when (e is IHasErrorKind && EmptyOthers())
        {
            return Pages.Allocate(pages, Span.Large);
        }
    }

    /// <summary>Memory ran out: brings what lies in caches and batches back to the page heap. True, to try again.</summary>
    private bool EmptyOthers()
    {
        Stop();
        EmptyAll();
        _stopped = false;
        foreach (CentralList list in _central)
            list.Flush();
        return true;
    }

    /// <summary>The list may be longer the next time, as in tcmalloc's slow start.</summary>
    private static void Widen(ref ClassList list, int index)
    {
        int batch = SizeClasses.Batch(index);
        int most = Math.Max(batch, MostBytesOfList / SizeClasses.Size(index));
        list.Most = Math.Min(most, list.Most < batch ? Math.Min(batch, 2 * list.Most) : list.Most + batch);
    }

    /// <summary>Gives a batch of a list, or all of it where it is shorter, to the central list.</summary>
    private void Shed(ref ClassList list, int index)
    {
        int count = Math.Min(SizeClasses.Batch(index), list.Count);
        if (count == 0)
            return;
        nint chain = list.Head;
        nint last = chain;
        for (int i = 1; i < count; i++)
            last = *(nint*)last;
        list.Head = *(nint*)last;
        list.Count -= count;
        *(nint*)last = 0;
        _central[index].Put(chain, count);
    }

    /// <summary>As in <see cref="BlockDepot"/>: from here on no thread is at work on its cache.</summary>
    private void Stop()
    {
        _stopped = true;
        Interlocked.MemoryBarrierProcessWide();
        foreach (SizeClassCache cache in _caches)
        {
            SpinWait wait = default;
            while (Volatile.Read(ref cache.State->Busy) == AtWork)
                wait.SpinOnce();
        }
    }

    private void EmptyAll(bool throwAway = false)
    {
        foreach (SizeClassCache cache in _caches)
            Empty(cache, throwAway);
    }

    private void EmptyEnded()
    {
        for (int i = _caches.Count - 1; i >= 0; i--)
        {
            SizeClassCache cache = _caches[i];
            if (cache.Owner.IsAlive)
                continue;
            // Nobody is in a session whose thread has ended.
            cache.State->Busy = Idle;
            Empty(cache, throwAway: false);
            cache.State->Counts.AddTo(ref _rents, ref _returns);
            _caches.RemoveAt(i);
        }
    }

    private void Empty(SizeClassCache cache, bool throwAway)
    {
        if (Volatile.Read(ref cache.State->Busy) == InSession)
            return;
        for (int index = 0; index < SizeClasses.Count; index++)
        {
            ref ClassList list = ref cache.State->Lists[index];
            while (!throwAway && list.Count > 0)
                Shed(ref list, index);
            (list.Head, list.Count, list.Most) = (0, 0, 1);
        }
    }

    private (long Rents, long Returns) Totals()
    {
        lock (_gate)
        {
            long rents = _rents;
            long returns = _returns;
            foreach (SizeClassCache cache in _caches)
            {
                cache.State->Counts.AddTo(ref rents, ref returns);
            }

            return (rents, returns);
        }
    }

    private long CachedBytes()
    {
        long bytes = 0;
        foreach (SizeClassCache cache in _caches)
        {
            for (int index = 0; index < SizeClasses.Count; index++)
                bytes += (long)cache.State->Lists[index].Count * SizeClasses.Size(index);
        }

        return bytes;
    }

    private long BatchBytes() => _central.Select((list, index) => list.InBatches * SizeClasses.Size(index)).Sum();

    /// <summary>Blocks left the central lists, or came back. Only where they are more than ever can more be rented than ever.</summary>
    internal void Moved(int count)
    {
        _out += count;
        if (_out > _highWaterMark)
            _ = MarkHighWater();
    }

    /// <summary>How many blocks are rented now, or were when one of the threads had most.</summary>
    private long MarkHighWater()
    {
        long now = InUse;
        long most = 0;
        foreach (SizeClassCache cache in _caches)
            most = Math.Max(most, cache.State->Counts.TakePeak());
        return _highWaterMark = Math.Max(_highWaterMark, now + most);
    }
}
