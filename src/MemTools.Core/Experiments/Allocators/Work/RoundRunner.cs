using System.Diagnostics;
using System.Runtime.ExceptionServices;
using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>
/// Does rounds of the same work on threads that begin each round together. The threads are new ones: they have caches
/// and arenas of their own, as a program's have, and none of the runtime's leftovers.
/// </summary>
internal sealed class RoundRunner<TAllocator, TBlock> : IDisposable
    where TAllocator : struct, IBlockAllocator<TBlock>
    where TBlock : struct
{
    private readonly IPattern _pattern;
    private readonly TAllocator _allocator;
    private readonly WorkShare<TBlock>[] _shares;
    private readonly Round[][] _parts;
    private readonly bool _countLast;
    private readonly Barrier _start;
    private ExceptionDispatchInfo? _failure;

    private RoundRunner(WorkOrder order, TAllocator allocator, int rounds, bool countLast)
    {
        _pattern = PatternCatalog.Of(order.Pattern);
        _allocator = allocator;
        _shares = WorkShare<TBlock>.Divide(order);
        _parts = [.. Enumerable.Range(0, rounds).Select(_ => new Round[_shares.Length])];
        _countLast = countLast;
        _start = new Barrier(_shares.Length);
    }

    /// <summary>Does the rounds one after the other.</summary>
    /// <param name="order">The work.</param>
    /// <param name="allocator">Each thread gets a copy.</param>
    /// <param name="rounds">How many.</param>
    /// <param name="countLast">Whether system calls are counted in the last one, which makes it slower.</param>
    internal static Round[] Run(WorkOrder order, TAllocator allocator, int rounds, bool countLast = false)
    {
        using RoundRunner<TAllocator, TBlock> runner = new(order, allocator, rounds, countLast);
        Thread[] threads = [.. Enumerable.Range(0, order.Threads).Select(i => new Thread(() => runner.Work(i)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        runner._failure?.Throw();
        return [.. runner._parts.Select(Round.Whole)];
    }

    public void Dispose() => _start.Dispose();

    private void Work(int thread)
    {
        using SystemCallCounter? counter = _countLast ? SystemCallCounter.TryOpen(out _) : null;
        for (int round = 0; round < _parts.Length; round++)
        {
            _start.SignalAndWait();
            if (_failure is not null)
            {
                // The other one of its pair may have begun this round before the failure.
                _shares[thread].HandOver?.Abandon();
                continue;
            }

            bool counted = _countLast && round == _parts.Length - 1;
            try
            {
                _parts[round][thread] = Measure(_shares[thread], counted ? counter : null);
            }
            catch (Exception e)
            {
                // The first failure is the cause; the others must not wait for this thread.
                _ = Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(e), null);
                _shares[thread].HandOver?.Abandon();
            }
        }
    }

    private Round Measure(WorkShare<TBlock> share, SystemCallCounter? counter)
    {
        TAllocator allocator = _allocator;
        long yields = share.Yields;
        ThreadUsage before = ThreadUsage.Now();
        counter?.Start();
        long begin = Stopwatch.GetTimestamp();
        _pattern.Run(ref allocator, share);
        long end = Stopwatch.GetTimestamp();
        long? calls = counter?.Stop() - (share.Yields - yields);
        return new(begin, end, ThreadUsage.Now() - before, calls);
    }
}
