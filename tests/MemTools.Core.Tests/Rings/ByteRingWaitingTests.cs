using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Waiting for the other side: how it ends, and that it costs nothing meanwhile.</summary>
public class ByteRingWaitingTests
{
    private static readonly int Page = Environment.SystemPageSize;
    private static readonly TimeSpan Patience = Waited.Longest;

    [Fact]
    public async Task A_reader_is_woken_by_a_write_and_by_the_end()
    {
        using ByteRing ring = ByteRing.Create();
        byte[] read = new byte[10];
        Task<int> reader = Task.Run(() => ring.Read(read, Patience));
        WaitForStall(() => ring.ReadStalls, 1);
        ring.Write([1, 2, 3]);
        Assert.Equal(3, await reader);
        reader = Task.Run(() => ring.Read(read, Patience));
        WaitForStall(() => ring.ReadStalls, 2);
        ring.Complete();
        Assert.Equal(0, await reader);
        Assert.Equal(ErrorKind.Completed, Assert.Throws<MemToolsException>(() => ring.TryWrite([1])).Kind);
    }

    [Fact]
    public async Task A_writer_is_woken_by_a_read_and_by_the_end()
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, Mode = RingMode.Record });
        Assert.True(ring.TryWriteRecord(new byte[Page - 4]));
        Task<bool> writer = Task.Run(() => ring.TryWriteRecord([7], Patience));
        WaitForStall(() => ring.WriteStalls, 1);
        Assert.Equal(Page - 4, ring.TryReadRecord()!.Length);
        Assert.True(await writer);
        Assert.Equal([7], ring.ReadRecord(Patience));
        Assert.True(ring.TryWriteRecord(new byte[Page - 4]));
        writer = Task.Run(() => ring.TryWriteRecord([8], Patience));
        WaitForStall(() => ring.WriteStalls, 2);
        ring.Complete();
        MemToolsException failure = await Assert.ThrowsAsync<MemToolsException>(() => writer);
        Assert.Equal(ErrorKind.Completed, failure.Kind);
        Assert.Equal(Page - 4, ring.ReadRecord(Patience)!.Length);
        Assert.Null(ring.ReadRecord(Patience));
    }

    [Fact]
    public void A_time_that_runs_out_is_told()
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page });
        TimeSpan soon = TimeSpan.FromMilliseconds(20);
        Assert.Equal(ErrorKind.TimedOut, Assert.Throws<MemToolsException>(() => ring.Read(new byte[1], soon)).Kind);
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(TimeSpan.Zero));
        Assert.False(ring.TryWrite(new byte[Page + 5], soon, default, out int written));
        Assert.Equal(Page, written);
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToWrite(1, soon));
        Assert.Equal(RingReadiness.Ready, ring.WaitToRead(Page - 1, soon));
        ring.Advance(1);
        Assert.Equal(RingReadiness.Ready, ring.WaitToWrite(1, soon));
        Assert.Equal(RingReadiness.TimedOut, ring.WaitToRead(Page - 1, soon));
        Assert.Throws<ArgumentOutOfRangeException>(() => ring.WaitToRead(TimeSpan.FromSeconds(-2)));
    }

    [Fact]
    public void A_ring_made_to_fail_fails_and_writes_nothing()
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, WhenFull = RingFullAction.Error });
        ring.Write(new byte[Page - 1]);
        Assert.Equal(ErrorKind.Full, Assert.Throws<MemToolsException>(() => ring.Write(new byte[2])).Kind);
        Assert.Equal(ErrorKind.Full, Assert.Throws<MemToolsException>(() => ring.Write(new byte[Page + 2])).Kind);
        Assert.Equal(Page - 1, ring.Used);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_cancellation_reaches_who_waits(bool writing)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page });
        Assert.True(ring.TryWrite(new byte[writing ? Page : 0]));
        using CancellationTokenSource stop = new();
        Task waiter = Task.Run(() => Wait(ring, writing, stop.Token));
        WaitForStall(() => ring.ReadStalls + ring.WriteStalls, 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter.WaitAsync(Patience));
        // The side is free again.
        Assert.Equal(writing ? Page : 0, ring.TryRead(new byte[Page]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Disposing_ends_who_waits(bool writing)
    {
        ByteRing ring = ByteRing.Create(new() { Capacity = Page });
        Assert.True(ring.TryWrite(new byte[writing ? Page : 0]));
        Task waiter = Task.Run(() => Wait(ring, writing, default));
        WaitForStall(() => ring.ReadStalls + ring.WriteStalls, 1);
        ring.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiter.WaitAsync(Patience));
        Assert.Equal(writing ? Page : 0, ring.Used);
        Assert.Throws<ObjectDisposedException>(() => ring.TryWrite([1]));
        Assert.Throws<ObjectDisposedException>(() => ring.TryRead(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => ring.Complete());
    }

    /// <summary>Processor time and switches of the waiting thread, not the clock: on a busy machine they are the same.</summary>
    [Fact]
    public void Waiting_costs_next_to_nothing()
    {
        using ByteRing ring = ByteRing.Create();
        using CancellationTokenSource stop = new();
        ThreadUsage used = default;
        Thread waiter = new(() =>
        {
            // What is compiled at the first call is compiled here.
            Assert.Throws<OperationCanceledException>(() => ring.Read(new byte[1], Patience, new CancellationTokenSource(20).Token));
            ThreadUsage before = ThreadUsage.Now();
            Assert.Throws<OperationCanceledException>(() => ring.Read(new byte[1], Patience, stop.Token));
            used = ThreadUsage.Now() - before;
        });
        Stopwatch watch = Stopwatch.StartNew();
        waiter.Start();
        WaitForStall(() => ring.ReadStalls, 2);
        Thread.Sleep(1000);
        stop.Cancel();
        waiter.Join();
        // A turn lasts a tenth of a second, and each ends with a switch or two; a loop would run all the time.
        Assert.InRange(used.VoluntarySwitches, 1, (4 * watch.Elapsed.TotalSeconds * 10) + 20);
        Assert.InRange((used.UserTime + used.KernelTime).TotalSeconds, 0, 0.2);
    }

    private static void Wait(ByteRing ring, bool writing, CancellationToken stop)
    {
        if (writing)
            ring.Write([1], stop);
        else
            ring.Read(new byte[1], Timeout.InfiniteTimeSpan, stop);
    }

    private static void WaitForStall(Func<long> stalls, long count) =>
        Assert.True(SpinWait.SpinUntil(() => stalls() >= count, Patience));
}
