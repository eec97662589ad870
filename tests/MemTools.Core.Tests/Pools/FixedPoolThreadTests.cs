using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>Many threads at one pool.</summary>
public class FixedPoolThreadTests
{
    private const int Threads = 8;

    [Fact]
    public void Blocks_rented_here_and_returned_there_keep_their_content()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 64, Concurrent = true });
        HandRound(pool, ProcessRepeats.PoolOperations);
        Assert.Equal(0, pool.InUse);
        Assert.Equal(ProcessRepeats.PoolOperations / Threads * Threads, pool.TotalRents);
        pool.Trim();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public void A_pool_that_is_not_concurrent_is_safe_all_the_same()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 64 });
        HandRound(pool, 40_000);
        Assert.Equal((0, 40_000), (pool.InUse, pool.TotalRents));
    }

    [Fact]
    public void Sessions_of_several_threads_work_beside_checked_rents()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 32, Count = 64, Concurrent = true });
        OnThreads(thread =>
        {
            for (int round = 0; round < 200; round++)
            {
                FixedPoolSession session = pool.OpenSession();
                PoolBlock own = pool.Rent();
                PoolBlock[] blocks = new PoolBlock[300];
                for (int i = 0; i < blocks.Length; i++)
                {
                    blocks[i] = session.Rent();
                    blocks[i].WriteInt64(0, (thread << 20) + i);
                }

                own.WriteInt64(0, -thread);
                for (int i = 0; i < blocks.Length; i++)
                {
                    Assert.Equal((thread << 20) + i, blocks[i].ReadInt64(0));
                    session.Return(blocks[i]);
                }

                Assert.Equal(-thread, own.ReadInt64(0));
                own.Dispose();
                session.Dispose();
            }
        });
        Assert.Equal((0, Threads * 200 * 301), (pool.InUse, pool.TotalRents));
    }

    [Fact]
    public void What_others_have_in_their_caches_is_found_when_there_is_nothing_else()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 400, Growth = PoolGrowth.None, Concurrent = true });
        using Barrier barrier = new(2);
        Thread other = new(() =>
        {
            // All 400 go through this thread's cache, which stays alive while the other one takes them.
            foreach (PoolBlock block in Enumerable.Range(0, 400).Select(_ => pool.Rent()).ToArray())
                block.Dispose();
            barrier.SignalAndWait();
            barrier.SignalAndWait();
        });
        other.Start();
        barrier.SignalAndWait();
        PoolBlock[] all = [.. Enumerable.Range(0, 400).Select(_ => pool.Rent())];
        Assert.Equal(400, all.Select(block => block.Address).Distinct().Count());
        Assert.Equal(ErrorKind.PoolExhausted, Assert.Throws<MemToolsException>(() => pool.Rent()).Kind);
        barrier.SignalAndWait();
        other.Join();
    }

    [Fact]
    public void The_caches_of_threads_that_ended_are_used_again()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 1000, Growth = PoolGrowth.None, Concurrent = true });
        for (int i = 0; i < 50; i++)
        {
            Thread thread = new(() =>
            {
                foreach (PoolBlock block in Enumerable.Range(0, 1000).Select(_ => pool.Rent()).ToArray())
                    block.Dispose();
            });
            thread.Start();
            thread.Join();
        }

        Assert.Equal((0, 50_000, 0), (pool.InUse, pool.TotalRents, pool.Failures));
        Assert.Equal(64_000 / 4096 * 4096 + 4096, pool.Trim());
    }

    [Fact]
    public void A_thread_that_ends_in_the_middle_of_a_session_does_not_stop_the_others()
    {
        foreach (bool concurrent in new[] { false, true })
        {
            using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 10, Concurrent = concurrent });
            Thread thread = new(() => pool.OpenSession().RentRaw());
            thread.Start();
            thread.Join();
            pool.Rent().Dispose();
            pool.Trim();
        }
    }

    [Fact]
    public void A_block_that_two_threads_return_is_returned_once()
    {
        foreach (bool concurrent in new[] { false, true })
        {
            using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 10, Concurrent = concurrent });
            for (int i = 0; i < 300; i++)
            {
                PoolBlock block = pool.Rent();
                int refused = 0;
                Parallel.For(0, 2, _ =>
                {
                    if (!TryReturn(pool, block))
                        Interlocked.Increment(ref refused);
                });
                Assert.Equal((1, 0), (refused, pool.InUse));
            }
        }
    }

    [Fact]
    public void A_block_that_a_session_and_two_threads_return_is_returned_once()
    {
        foreach (bool concurrent in new[] { false, true })
        {
            using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 10, Concurrent = concurrent });
            for (int i = 0; i < 300; i++)
            {
                PoolBlock block = pool.Rent();
                int refused = 0;
                using Barrier start = new(3);
                Thread[] threads = [.. Enumerable.Range(0, 3).Select(thread => new Thread(() =>
                {
                    start.SignalAndWait();
                    if (!(thread == 0 ? TryReturnInSession(pool, block) : TryReturn(pool, block)))
                        Interlocked.Increment(ref refused);
                }))];
                Array.ForEach(threads, thread => thread.Start());
                Array.ForEach(threads, thread => thread.Join());
                Assert.Equal((2, 0), (refused, pool.InUse));
            }
        }
    }

    [Fact]
    public async Task Removal_beside_threads_at_work_is_an_exception_there_and_no_crash()
    {
        foreach (bool concurrent in new[] { false, true })
        {
            for (int i = 0; i < 20; i++)
            {
                FixedPool pool = FixedPool.Create(new() { BlockSize = 256, Count = 16, Concurrent = concurrent });
                Task[] tasks = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => WorkUntilGone(pool)))];
                await Task.Delay(2);
                pool.Dispose();
                await Task.WhenAll(tasks);
            }
        }
    }

    private static bool TryReturnInSession(FixedPool pool, PoolBlock block)
    {
        using FixedPoolSession session = pool.OpenSession();
        try
        {
            session.Return(block);
            return true;
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.DoubleReturn)
        {
            return false;
        }
    }

    private static bool TryReturn(FixedPool pool, PoolBlock block)
    {
        try
        {
            pool.Return(block);
            return true;
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.DoubleReturn)
        {
            return false;
        }
    }

    private static void WorkUntilGone(FixedPool pool)
    {
        try
        {
            while (true)
            {
                PoolBlock block = pool.Rent();
                block.Fill(3);
                block.SetString("at work");
                block.Dispose();
            }
        }
        catch (ObjectDisposedException)
        {
            // That is what should come.
        }
    }

    /// <summary>Each thread rents, writes, hands on to the next one through a queue, takes what came, checks and returns.</summary>
    private static void HandRound(FixedPool pool, long operations)
    {
        ConcurrentQueue<(PoolBlock Block, long Content)>[] queues = [.. Enumerable.Range(0, Threads).Select(_ => new ConcurrentQueue<(PoolBlock, long)>())];
        long each = operations / Threads;
        OnThreads(thread =>
        {
            long returned = 0;
            for (long i = 0; i < each; i++)
            {
                PoolBlock block = pool.Rent();
                long content = (thread * each) + i;
                MemoryMarshal.Cast<byte, long>(block.Span).Fill(content);
                queues[(thread + 1) % Threads].Enqueue((block, content));
                if (queues[thread].Count > 100 || i % 3 == 0)
                    returned += TakeOne(pool, queues[thread]);
            }

            SpinWait wait = default;
            while (returned < each)
            {
                int taken = TakeOne(pool, queues[thread]);
                returned += taken;
                if (taken == 0)
                    wait.SpinOnce();
            }
        });
    }

    private static int TakeOne(FixedPool pool, ConcurrentQueue<(PoolBlock Block, long Content)> queue)
    {
        if (!queue.TryDequeue(out (PoolBlock Block, long Content) one))
            return 0;
        if (MemoryMarshal.Cast<byte, long>(one.Block.Span).IndexOfAnyExcept(one.Content) >= 0)
            throw new InvalidOperationException($"The block of {one.Content} was changed.");
        pool.Return(one.Block);
        return 1;
    }

    private static void OnThreads(Action<long> work)
    {
        ConcurrentQueue<Exception> failures = new();
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(i => new Thread(() =>
        {
            try
            {
                work(i);
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Empty(failures);
    }
}
