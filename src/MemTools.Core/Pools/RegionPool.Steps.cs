using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Cutting, dropping and closing, for whoever has the lock.</summary>
public sealed partial class RegionPool
{
    /// <summary>Begins a session of the calling thread; others wait until it is disposed.</summary>
    /// <exception cref="MemToolsException">Misuse: this thread has one already.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    public RegionSession OpenSession()
    {
        BiasedLock.Claim claim = _lock.Enter();
        if (_closed)
        {
            BiasedLock.Exit(claim);
            throw Gone();
        }

        _session = claim;
        return new(this, _at, _end);
    }

    internal void CloseSession(nint at, long rents)
    {
        Count(at, rents);
        BiasedLock.Claim claim = _session!;
        _session = null;
        BiasedLock.Exit(claim);
    }

    /// <summary>A rent for which a session's chunk has no room. A failure is returned, so that the session goes on in any case.</summary>
    internal Exception? RentInSession(nuint length, long rents, ref nint at, ref nint end, out nint block)
    {
        block = 0;
        try
        {
            Count(at, rents);
            if (length > (ulong)PoolMemory.Largest)
                throw new MemToolsException(ErrorKind.Misuse, $"A block has at most {HumanUnits.Size(PoolMemory.Largest)}.");
            block = (nint)((long)length > LargeSize ? RentLarge((long)length) : RentFromChunk((long)length)).Address;
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            (at, end) = (_at, _end);
        }
    }

    private protected override void Close()
    {
        if (_closed)
            return;
        Exception[] failures = [];
        Locked(() =>
        {
            if (_closed)
                return 0;
            bool used = _live > 0;
            failures = RunHandlers(0);
            _closed = true;
            foreach (Mapping memory in _chunks.Select(chunk => chunk.Memory).Concat(_large.OfType<BlockTable>().Select(one => one.Memory)))
            {
                if (used)
                    AnonymousMapping.Discard(memory);
                else
                    memory.Dispose();
            }

            _chunks.Clear();
            _large.Clear();
            (_chunk, _at, _end, _live) = (-1, 0, 0, 0);
            return 0;
        });
        if (failures.Length > 0)
            throw new AggregateException($"Clean-up handlers of the pool '{Name}' failed.", failures);
    }

    private void ThrowIfClosed()
    {
        if (_closed)
            throw Gone();
    }

    private void Count(nint at, long rents)
    {
        _at = at;
        _serial += rents;
        _live += rents;
    }

    private PoolBlock RentFromChunk(long length)
    {
        nint size = (nint)PoolMemory.RoundUp(Math.Max(1, length), RegionChunk.Granule);
        if (size > _end - _at)
            NextChunk();
        RegionChunk chunk = _chunks[_chunk];
        nint block = _at;
        _at += size;
        _live++;
        return new(chunk.Table, chunk.Table.PlaceOf(block), ++_serial, (int)(chunk.Table.BlockLength - length));
    }

    private void NextChunk()
    {
        if (_chunk + 1 == _chunks.Count)
        {
            _chunks.Add(new(this, Map(ChunkSize)));
            _growths++;
        }

        if (_chunk >= 0)
            _chunks[_chunk].UsedEnd = _at;
        RegionChunk next = _chunks[++_chunk];
        (_at, _end) = (next.Start, next.End);
    }

    private PoolBlock RentLarge(long length)
    {
        Mapping memory = Map(length);
        BlockTable table = new(this, memory, memory.Address, length, length, 1);
        _large.Add(table);
        _largeBytes += memory.Length;
        _growths++;
        _live++;
        return new(table, 0, ++_serial);
    }

    private Mapping Map(long length)
    {
        try
        {
            return AnonymousMapping.Map(length);
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            _failures++;
            throw;
        }
    }

    /// <summary>A thousand blocks of a small region take no longer than a microsecond: nothing is made for this on the managed heap.</summary>
    private void ResetTo(RegionMark? mark)
    {
        Exception[] failures;
        BiasedLock.Claim? claim = Enter();
        try
        {
            ThrowIfClosed();
            int known = mark is null ? 0 : _marks.IndexOf(mark);
            if (known < 0)
                throw new MemToolsException(ErrorKind.Misuse, $"The pool '{Name}' has been reset to this mark, or to an earlier place, or the mark is another pool's. Mark() sets a new one.");
            RegionPosition place = mark?.Position ?? new(_chunks.Count > 0 ? 0 : -1, _chunks.Count > 0 ? _chunks[0].Start : 0, 0, 0, 0, 0);
            failures = RunHandlers(place.Handlers);
            Drop(place);
            _marks.RemoveRange(known, _marks.Count - known);
        }
        finally
        {
            Exit(claim);
        }

        if (failures.Length > 0)
            throw new AggregateException($"Clean-up handlers of the pool '{Name}' failed; the reset is done.", failures);
    }

    private void Drop(RegionPosition place)
    {
        _highWaterMark = HighWaterMark;
        for (int i = _large.Count - 1; i >= place.Large; i--)
        {
            if (_large[i] is not null)
                Unmap(i);
            _large.RemoveAt(i);
        }

        _dropped.DropAfter(place.Serial, _serial);
        // A mark from before the first chunk.
        (_chunk, _at) = place.Chunk < 0 && _chunks.Count > 0 ? (0, _chunks[0].Start) : (place.Chunk, place.At);
        _end = _chunk < 0 ? 0 : _chunks[_chunk].End;
        _live = place.Live;
    }

    private void Unmap(int large)
    {
        _largeBytes -= _large[large]!.Memory.Length;
        _large[large]!.Memory.Dispose();
        _large[large] = null;
    }

    /// <summary>Runs those beyond a number, the last one first, and forgets them.</summary>
    private Exception[] RunHandlers(int keep)
    {
        if (_handlers.Count <= keep)
            return [];
        List<Exception> failures = [];
        while (_handlers.Count > keep)
        {
            Action handler = _handlers[^1];
            _handlers.RemoveAt(_handlers.Count - 1);
            try
            {
                handler();
            }
            catch (Exception e)
            {
                failures.Add(e);
            }
        }

        return [.. failures];
    }

    private bool IsOver(long serial) => serial < 1 || serial > _serial || _dropped.Contains(serial);

    private T Locked<T>(Func<T> work)
    {
        BiasedLock.Claim? claim = Enter();
        try
        {
            return work();
        }
        finally
        {
            Exit(claim);
        }
    }

    /// <summary>Looks without changing anything, which is possible within a session as well.</summary>
    private T Look<T>(Func<T> work) => _session?.Owner == Thread.CurrentThread ? work() : Locked(work);

    /// <summary>Null where this thread has the lock already: a handler may use the region that is being reset.</summary>
    private BiasedLock.Claim? Enter()
    {
        if (_entered == Thread.CurrentThread)
            return null;
        BiasedLock.Claim claim = _lock.Enter();
        _entered = Thread.CurrentThread;
        return claim;
    }

    private void Exit(BiasedLock.Claim? claim)
    {
        if (claim is null)
            return;
        _entered = null;
        BiasedLock.Exit(claim);
    }
}
