using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>Blocks of any size: classes, spans, caches of threads.</summary>
public class SizeClassPoolTests
{
    [Fact]
    public void Classes_go_in_small_steps_and_waste_at_most_an_eighth_above_128_bytes()
    {
        Assert.Equal([8, 8, 8, 16, 64, 128, 144], new long[] { 0, 1, 8, 9, 52, 128, 129 }.Select(SizeClassPool.SizeFor));
        long previous = 0;
        for (int size = 1; size <= 300_000; size++)
        {
            long real = SizeClassPool.SizeFor(size);
            Assert.True(real >= size && real >= previous, $"{size} became {real}");
            previous = real;
            if (size > 128)
                Assert.True((real - size) * 8 <= real, $"{size} became {real}");
            else
                Assert.True(real - size < 16, $"{size} became {real}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(52)]
    [InlineData(1000)]
    [InlineData(4096)]
    [InlineData(1 << 18)]
    [InlineData((1 << 18) + 1)]
    [InlineData(1 << 20)]
    public void Blocks_of_a_size_are_aligned_do_not_overlap_and_keep_their_content(long size)
    {
        using SizeClassPool pool = SizeClassPool.Create();
        PoolBlock[] blocks = [.. Enumerable.Range(0, 40).Select(_ => pool.Rent(size))];
        long real = SizeClassPool.SizeFor(size);
        for (int i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(size, blocks[i].Length);
            Assert.Equal(0UL, blocks[i].Address % (real == 8 ? 8UL : 16));
            blocks[i].Fill((byte)(i + 1));
        }

        for (int i = 0; i < blocks.Length; i++)
            Assert.Equal(-1, blocks[i].Span.IndexOfAnyExcept((byte)(i + 1)));
        ulong[] sorted = [.. blocks.Select(block => block.Address).Order()];
        Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(pair.Second - pair.First >= (ulong)real));
        Assert.Equal((40, 40), (pool.InUse, pool.GetRented().Count));
        Array.ForEach(blocks, block => block.Dispose());
        Assert.Equal((0, 40), (pool.InUse, pool.TotalRents));
    }

    [Fact]
    public void A_block_of_more_than_2_GiB_can_be_used_at_both_ends()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        const long size = (2L << 30) + 5;
        PoolBlock block = pool.Rent(size);
        block.WriteInt64(size - 8, 7);
        Assert.Equal(7, block.ReadInt64(size - 8));
        Assert.Throws<MemToolsException>(() => block.ReadInt64(size - 7));
        block.Dispose();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_length_that_cannot_be_is_misuse(long length)
    {
        using SizeClassPool pool = SizeClassPool.Create();
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => pool.Rent(length)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => SizeClassPool.Create(new() { MaximumSize = 100 })).Kind);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1 << 20)]
    public void Misuse_is_an_exception(long size)
    {
        using SizeClassPool pool = SizeClassPool.Create();
        using SizeClassPool other = SizeClassPool.Create();
        PoolBlock block = pool.Rent(size);
        Assert.Equal(ErrorKind.ForeignBlock, Assert.Throws<MemToolsException>(() => other.Return(block)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => block.SetBytes(size, [1])).Kind);
        block.Dispose();
        Assert.Throws<ObjectDisposedException>(() => block.SetBytes([1]));
        MemToolsException twice = Assert.Throws<MemToolsException>(() => block.Dispose());
        Assert.Equal(ErrorKind.DoubleReturn, twice.Kind);
        PoolBlock next = pool.Rent(size);
        Assert.Throws<MemToolsException>(() => block.Dispose());
        Assert.True(next.IsRented);
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => next.SetBytes([1]));
        Assert.Throws<ObjectDisposedException>(() => next.Dispose());
        Assert.Throws<ObjectDisposedException>(() => pool.Rent(1));
    }

    [Fact]
    public void A_raw_address_that_is_no_block_is_refused()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        foreach (nint address in (nint[])[0, 4096, -1, (nint)1 << 46])
        {
            ErrorKind? kind = null;
            using SizeClassSession session = pool.OpenSession();
            try
            {
                session.Return(new BlockHandle(address));
            }
            catch (MemToolsException e)
            {
                kind = e.Kind;
            }

            Assert.Equal(ErrorKind.ForeignBlock, kind);
        }
    }

    [Fact]
    public void Beyond_its_maximum_a_pool_refuses_and_goes_on_with_what_comes_back()
    {
        using SizeClassPool pool = SizeClassPool.Create(new() { MaximumSize = 4 << 20 });
        List<PoolBlock> blocks = [];
        MemToolsException? refused = null;
        while (refused is null)
        {
            try
            {
                blocks.Add(pool.Rent(10_000));
            }
            catch (MemToolsException e)
            {
                refused = e;
            }
        }

        Assert.Equal((ErrorKind.PoolExhausted, true), (refused.Kind, pool.MappedBytes <= 4 << 20));
        Assert.InRange(blocks.Count, 350, 419);
        blocks.ForEach(block => block.Dispose());
        // Another class needs the spans of the first one.
        blocks = [.. Enumerable.Range(0, 2000).Select(_ => pool.Rent(1500))];
        Assert.Equal(2000, blocks.Select(block => block.Address).Distinct().Count());
    }

    [Fact]
    public void Pages_of_small_blocks_are_brought_in_together_and_those_of_large_blocks_when_they_are_touched()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        PoolBlock small = pool.Rent(16);
        long resident = pool.ResidentBytes!.Value;
        // Before Linux 5.14 it is the one page that was touched.
        Assert.True(resident == 64 * 1024 || Environment.OSVersion.Version < new Version(5, 14), $"{resident} bytes");
        PoolBlock large = pool.Rent(200_000);
        Assert.InRange(pool.ResidentBytes!.Value - resident, 0, 2 * Environment.SystemPageSize);
    }

    [Fact]
    public void What_is_wholly_free_goes_back_to_the_kernel()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        PoolBlock kept = pool.Rent(64);
        PoolBlock[] peak = [.. Enumerable.Range(0, 60_000).Select(i => pool.Rent(16 + (i % 2000)))];
        Array.ForEach(peak, block => block.Fill(1));
        long mapped = pool.MappedBytes;
        Assert.True(mapped > 60_000L * 900);
        Array.ForEach(peak, block => block.Dispose());
        pool.Trim();
        Assert.InRange(pool.MappedBytes, 8192, mapped / 10);
        Assert.InRange(pool.ResidentBytes!.Value, 1, 4 * 8192);
        Assert.True(kept.IsRented);
        kept.Dispose();
        pool.Trim();
        Assert.Equal((0, 0), (pool.MappedBytes, pool.GetStatistics().SpansInUse));
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.GetStatistics());
    }

    [Fact]
    public void Statistics_add_up()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        PoolBlock[] blocks = [.. Enumerable.Range(0, 1000).Select(_ => pool.Rent(100)), pool.Rent(1 << 20)];
        Array.ForEach(blocks[..500], block => block.Dispose());
        SizeClassStatistics now = pool.GetStatistics();
        Assert.Equal((1, 1), (now.ThreadCaches, now.LargeBlocks));
        Assert.True(now.ThreadCacheBytes + now.CentralBytes >= 500 * 112);
        long inUse = (500 * 112) + (1 << 20);
        Assert.InRange(now.MappedBytes - now.FreeSpanBytes, inUse + now.ThreadCacheBytes + now.CentralBytes, inUse + now.ThreadCacheBytes + now.CentralBytes + (200 * 8192));
        Assert.Equal(501, pool.InUse);
    }

    [Fact]
    public void Nothing_is_allocated_on_the_managed_heap()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        BlockHandle[] handles = new BlockHandle[1000];
        Exercise(pool, handles);
        Exercise(pool, handles);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Exercise(pool, handles);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Threads_that_end_leave_their_caches_to_the_others()
    {
        using SizeClassPool pool = SizeClassPool.Create(new() { MaximumSize = 2 << 20 });
        for (int i = 0; i < 30; i++)
        {
            Thread thread = new(() =>
            {
                foreach (PoolBlock block in Enumerable.Range(0, 1000).Select(_ => pool.Rent(1000)).ToArray())
                    block.Dispose();
            });
            thread.Start();
            thread.Join();
        }

        Assert.Equal((0, 30_000), (pool.InUse, pool.TotalRents));
        pool.Trim();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public void Eight_threads_hand_blocks_of_all_sizes_round_and_find_what_was_written()
    {
        using SizeClassPool pool = SizeClassPool.Create();
        const int threads = 8;
        long each = ProcessRepeats.SizeClassOperations / threads;
        ConcurrentQueue<(PoolBlock Block, byte Content)>[] queues = [.. Enumerable.Range(0, threads).Select(_ => new ConcurrentQueue<(PoolBlock, byte)>())];
        ConcurrentQueue<Exception> failures = new();
        Thread[] all = [.. Enumerable.Range(0, threads).Select(me => new Thread(() =>
        {
            try
            {
                Random random = new(me);
                for (long i = 0; i < each; i++)
                {
                    PoolBlock block = pool.Rent(random.Next(1, 1 << random.Next(3, 12)));
                    block.Span.Fill((byte)i);
                    queues[random.Next(threads)].Enqueue((block, (byte)i));
                    if (queues[me].TryDequeue(out (PoolBlock Block, byte Content) one))
                        Check(pool, one.Block, one.Content);
                }
            }
            catch (Exception e)
            {
                failures.Enqueue(e);
            }
        }))];
        Array.ForEach(all, thread => thread.Start());
        Array.ForEach(all, thread => thread.Join());
        Assert.Empty(failures);
        foreach ((PoolBlock block, byte content) in queues.SelectMany(queue => queue))
            Check(pool, block, content);
        Assert.Equal((0, each * threads), (pool.InUse, pool.TotalRents));
        pool.Trim();
        Assert.Equal(0, pool.MappedBytes);
    }

    [Fact]
    public void It_gives_what_a_model_says() => Properties.Hold(
        Gen.Zip(Gen.Elements(1, 8, 52, 129, 5000, 70_000, 300_000, -1, -2), Gen.Choose(0, int.MaxValue)).ArrayOf(),
        steps =>
        {
            using SizeClassPool pool = SizeClassPool.Create();
            Dictionary<PoolBlock, byte> model = [];
            byte mark = 0;
            foreach ((int size, int choice) in steps)
            {
                if (size > 0)
                {
                    PoolBlock block = pool.Rent(size + (choice % 7));
                    block.Fill(++mark);
                    model.Add(block, mark);
                }
                else if (size == -1 && model.Count > 0)
                {
                    PoolBlock block = model.Keys.ElementAt(choice % model.Count);
                    block.Dispose();
                    model.Remove(block);
                }
                else
                {
                    pool.Trim();
                }

                Assert.Equal(model.Count, pool.InUse);
                foreach ((PoolBlock block, byte content) in model)
                    Assert.Equal(-1, block.Span.IndexOfAnyExcept(content));
            }
        });

    private static void Check(SizeClassPool pool, PoolBlock block, byte content)
    {
        if (block.Span.IndexOfAnyExcept(content) >= 0)
            throw new InvalidOperationException("A block was changed.");
        pool.Return(block);
    }

    private static void Exercise(SizeClassPool pool, BlockHandle[] handles)
    {
        SizeClassSession session = pool.OpenSession();
        for (int i = 0; i < handles.Length; i++)
        {
            handles[i] = session.RentRaw((nuint)(i % 3000));
            Marshal.WriteByte(handles[i].Address, 1);
        }

        foreach (BlockHandle handle in handles)
            session.Return(handle);
        session.Dispose();
    }
}
