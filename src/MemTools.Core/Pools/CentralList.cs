namespace MemTools.Pools;

/// <summary>
/// The free blocks of one class that no thread has in its cache: batches as threads brought them, which others take as
/// they are, and the spans that single blocks are taken from and go back to. Under the pool's lock.
/// </summary>
internal sealed unsafe class CentralList(SizeClassPool pool, int index)
{
    /// <summary>Batches beyond these go back to their spans, which can become wholly free only there.</summary>
    private const int MostBatches = 16;

    private readonly int _size = SizeClasses.Size(index);
    private readonly int _batch = SizeClasses.Batch(index);
    private readonly nint[] _batches = new nint[MostBatches];
    private readonly SpanList _spans = new();
    private int _batchCount;

    /// <summary>Blocks in batches.</summary>
    internal long InBatches => (long)_batchCount * _batch;

    /// <summary>A chain of as many as are wanted or, where memory is short, fewer; of a whole batch where nothing else is left.</summary>
    /// <param name="wanted">At most a batch.</param>
    /// <param name="count">How many there are in the chain.</param>
    internal nint Take(int wanted, out int count)
    {
        if (_batchCount > 0 && (wanted == _batch || _spans.First is null))
        {
            count = _batch;
            pool.Moved(count);
            return _batches[--_batchCount];
        }

        nint chain = 0;
        for (count = 0; count < wanted; count++)
        {
            if (_spans.First is not { } span && !TryGrow(mustGrow: count == 0, out span))
                break;
            nint block = TakeFrom(span);
            *(nint*)block = chain;
            chain = block;
        }

        pool.Moved(count);
        return chain;
    }

    /// <summary>Takes back a chain.</summary>
    internal void Put(nint chain, int count)
    {
        pool.Moved(-count);
        if (count == _batch && _batchCount < MostBatches)
            _batches[_batchCount++] = chain;
        else
            Scatter(chain);
    }

    /// <summary>Brings all batches back to their spans.</summary>
    internal void Flush()
    {
        while (_batchCount > 0)
            Scatter(_batches[--_batchCount]);
    }

    private void Scatter(nint chain)
    {
        for (nint block = chain; block != 0;)
        {
            nint next = *(nint*)block;
            PutInto(pool.SpanOf(block) ?? throw PoolErrors.Broken(pool, block), block);
            block = next;
        }
    }

    private nint TakeFrom(Span span)
    {
        nint block = span.Head;
        if (block != 0)
            span.Head = *(nint*)block;
        else
            block = span.Start + (nint)((long)span.Carved++ * _size);
        if (++span.Out == span.Capacity)
            _spans.Remove(span);
        return block;
    }

    private void PutInto(Span span, nint block)
    {
        if (span.Class != index)
            throw PoolErrors.Broken(pool, block);
        if (span.Out-- == span.Capacity)
            _spans.Add(span);
        *(nint*)block = span.Head;
        span.Head = block;
        if (span.Out > 0)
            return;
        _spans.Remove(span);
        pool.Pages.Return(span);
    }

    private bool TryGrow(bool mustGrow, out Span span)
    {
        span = null!;
        try
        {
            span = pool.Pages.Allocate(SizeClasses.SpanPages(index), index);
        }
        catch (Exception e) when (!mustGrow && e is Kernel.IHasErrorKind)
        {
            return false;
        }

        span.Capacity = (int)(span.Bytes / _size);
        _spans.Add(span);
        return true;
    }
}
