using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Tests.Pools;

/// <summary>Pools that keep where blocks were rented, and how many were out at a time.</summary>
public class PoolTrackingTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_tracking_pool_knows_where_blocks_were_rented(bool concurrent, bool inSession)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4, Concurrent = concurrent, Track = true });
        Assert.True(pool.IsTracking);
        PoolBlock forgotten = inSession ? RentInSessionForTest(pool) : RentForTest(pool);
        pool.Rent().Dispose();
        RentedBlock one = Assert.Single(pool.GetRented());
        Assert.Equal(forgotten.Address, one.Address);
        Assert.Contains(inSession ? nameof(RentInSessionForTest) : nameof(RentForTest), one.RentedAt, StringComparison.Ordinal);
        forgotten.Dispose();
        Assert.Empty(pool.GetRented());
        Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => forgotten.Dispose()).Kind);
    }

    [Fact]
    public void So_does_a_size_class_pool()
    {
        using SizeClassPool pool = SizeClassPool.Create(new() { Track = true });
        PoolBlock[] blocks = [pool.Rent(100), pool.Rent(1 << 20)];
        Assert.All(pool.GetRented(), one => Assert.Contains(nameof(So_does_a_size_class_pool), one.RentedAt, StringComparison.Ordinal));
        Assert.Equal(blocks.Select(block => block.Address).Order(), pool.GetRented().Select(one => one.Address).Order());
    }

    [Fact]
    public void Others_do_not()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4 });
        using SizeClassPool classes = SizeClassPool.Create();
        _ = pool.Rent();
        _ = classes.Rent(5);
        Assert.Equal((false, false), (pool.IsTracking, classes.IsTracking));
        Assert.Null(Assert.Single(pool.GetRented()).RentedAt);
        Assert.Null(Assert.Single(classes.GetRented()).RentedAt);
    }

    [Fact]
    public void Blocks_in_the_caches_of_threads_are_not_out()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 1000, Concurrent = true });
        using SizeClassPool classes = SizeClassPool.Create();
        PoolBlock[] kept = [pool.Rent(), classes.Rent(64)];
        Assert.Equal((1, 1), (pool.HighWaterMark, classes.HighWaterMark));
        Array.ForEach(kept, block => block.Dispose());
        using Barrier end = new(5);
        for (int i = 0; i < 4; i++)
        {
            using ManualResetEventSlim done = new();
            new Thread(() =>
            {
                UseAtOnce(() => pool.Rent(), 100);
                UseAtOnce(() => classes.Rent(64), 100);
                done.Set();
                // The caches stay this thread's while the others do the same.
                end.SignalAndWait();
            }).Start();
            done.Wait();
        }

        Assert.Equal((100, 100), (pool.HighWaterMark, classes.HighWaterMark));
        UseAtOnce(() => pool.Rent(), 500);
        UseAtOnce(() => classes.Rent(64), 500);
        Assert.Equal((500, 500), (pool.HighWaterMark, classes.HighWaterMark));
        end.SignalAndWait();
    }

    [Fact]
    public void Blocks_that_one_thread_rents_and_another_one_returns_are_out_in_between()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 1000, Concurrent = true });
        for (int round = 0; round < 50; round++)
        {
            PoolBlock[] blocks = [.. Enumerable.Range(0, 100).Select(_ => pool.Rent())];
            Thread other = new(() => Array.ForEach(blocks, block => block.Dispose()));
            other.Start();
            other.Join();
        }

        // What is in caches, up to two batches of 128, would make it more.
        Assert.InRange(pool.HighWaterMark, 100, 227);
    }

    private static void UseAtOnce(Func<PoolBlock> rent, int count)
    {
        foreach (PoolBlock block in Enumerable.Range(0, count).Select(_ => rent()).ToArray())
            block.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PoolBlock RentForTest(FixedPool pool) => pool.Rent();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PoolBlock RentInSessionForTest(FixedPool pool)
    {
        using FixedPoolSession session = pool.OpenSession();
        return session.Rent();
    }
}
