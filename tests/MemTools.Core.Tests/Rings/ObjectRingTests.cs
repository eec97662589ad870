using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Object rings: what happens when they are full, empty, ended, misused.</summary>
public class ObjectRingTests
{
    private static readonly TimeSpan Patience = Waited.Longest;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    public static TheoryData<RingConcurrency> Kinds => [RingConcurrency.SingleProducer, RingConcurrency.MultiProducer, RingConcurrency.Spinlock];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void It_tells_what_it_is_and_what_went_through_it(RingConcurrency kind)
    {
        using ObjectRing ring = Make(kind, RingFullAction.Wait, 5, first: long.MaxValue - 2);
        Assert.Equal(("Object", kind.ToString(), "Wait", 8, false), (ring.Kind, ring.Concurrency, ring.WhenFull, ring.Capacity, ring.IsShared));
        Assert.Equal(4, ring.TryWrite(["a", null, 3, "d"]));
        Assert.True(ring.TryPeek(out object? first) && (string?)first == "a");
        Assert.True(ring.TryRead(out first) && (string?)first == "a");
        Assert.True(ring.TryRead(out first) && first is null);
        Assert.Equal((4L, 2L, 2L, 6L, 0L), (ring.TotalWritten, ring.TotalRead, ring.Used, ring.Free, ring.Dropped));
        ring.Clear();
        Assert.Equal((4L, 4L, 0L), (ring.TotalWritten, ring.TotalRead, ring.Used));
        Assert.True(ring.IsEmpty);
        Assert.False(ring.TryPeek(out _));
        MemToolsException error = Assert.Throws<MemToolsException>(() => ring.Capacity = 16);
        Assert.Equal(ErrorKind.NotSupported, error.Kind);
        Assert.Contains(RingBuffer.GetAll(), one => ReferenceEquals(one, ring));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_full_one_that_is_to_say_so_refuses(RingConcurrency kind)
    {
        using ObjectRing ring = Make(kind, RingFullAction.Error, 2);
        ring.Write(1);
        ring.Write(2);
        Assert.False(ring.TryWrite(3));
        Assert.Equal(ErrorKind.Full, Assert.Throws<MemToolsException>(() => ring.Write(3)).Kind);
        Assert.Equal((2L, 0L), (ring.TotalWritten, ring.WriteStalls));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_full_one_that_drops_keeps_the_newest(RingConcurrency kind)
    {
        using ObjectRing ring = Make(kind, RingFullAction.DropOldest, 4);
        for (int i = 0; i < 10; i++)
            ring.Write(i);
        Assert.Equal(5, ring.TryWrite([10, 11, 12, 13, 14]));
        object?[] read = new object?[9];
        Assert.Equal(4, ring.TryRead(read));
        Assert.Equal([11, 12, 13, 14], read[..4]);
        Assert.Equal((15L, 4L, 11L), (ring.TotalWritten, ring.TotalRead, ring.Dropped));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Waiting_ends_when_the_other_side_comes_the_time_runs_out_or_it_is_stopped(RingConcurrency kind)
    {
        using ObjectRing ring = Make(kind, RingFullAction.Wait, 1);
        Assert.Equal(RingReadiness.TimedOut, ring.TryRead(out _, Moment));
        while (ring.TryWrite("full"))
        {
        }

        Assert.False(ring.TryWrite("more", Moment));
        Assert.True(ring.ReadStalls > 0 && ring.WriteStalls > 0);
        using CancellationTokenSource stop = new(Moment);
        Assert.Throws<OperationCanceledException>(() => ring.Write("more", stop.Token));

        Aside reader = Aside.Run(() => ring.TryRead(out _));
        Assert.True(ring.TryWrite("more", Patience));
        Assert.Null(reader.End());
        ring.Clear();
        Aside writer = Aside.Run(() => ring.Write("at last"));
        Assert.Equal(RingReadiness.Ready, ring.TryRead(out object? item, Patience));
        Assert.Equal("at last", item);
        Assert.Null(writer.End());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Completion_lets_readers_drain_and_ends_all_that_waits(RingConcurrency kind)
    {
        using ObjectRing ring = Make(kind, RingFullAction.Wait, 1);
        while (ring.TryWrite("x"))
        {
        }

        Aside writer = Aside.Run(() => ring.Write("never"));
        Waited.For(() => ring.WriteStalls > 0);
        ring.Complete();
        Assert.Equal(ErrorKind.Completed, Assert.IsType<MemToolsException>(writer.End()).Kind);
        Assert.True(ring.IsCompleted);
        Assert.Throws<MemToolsException>(() => ring.TryWrite("never"));
        while (ring.TryRead(out object? item))
            Assert.Equal("x", item);
        Assert.Equal(RingReadiness.Completed, ring.TryRead(out _, Patience));

        using ObjectRing empty = Make(kind, RingFullAction.Wait, 1);
        RingReadiness? end = null;
        Aside reader = Aside.Run(() => end = empty.TryRead(out _, Patience));
        Waited.For(() => empty.ReadStalls > 0);
        empty.Complete();
        Assert.Null(reader.End());
        Assert.Equal(RingReadiness.Completed, end);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Disposal_ends_all_that_waits_and_keeps_the_figures(RingConcurrency kind)
    {
        ObjectRing ring = Make(kind, RingFullAction.Wait, 1);
        Aside reader = Aside.Run(() => ring.TryRead(out _, Patience));
        Waited.For(() => ring.ReadStalls > 0);
        ring.Dispose();
        Assert.IsType<ObjectDisposedException>(reader.End());
        ring.Dispose();
        Assert.True(ring.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => ring.TryWrite("x"));
        Assert.Throws<ObjectDisposedException>(() => ring.TryWrite(["x"]));
        Assert.Throws<ObjectDisposedException>(() => ring.TryRead(out _));
        Assert.Throws<ObjectDisposedException>(() => ring.TryRead(new object?[1]));
        Assert.Throws<ObjectDisposedException>(() => ring.TryPeek(out _));
        Assert.Throws<ObjectDisposedException>(ring.Clear);
        Assert.Throws<ObjectDisposedException>(ring.Complete);
        Assert.Equal((0L, 0L, 0L), (ring.TotalWritten, ring.TotalRead, ring.Used));
        Assert.DoesNotContain(RingBuffer.GetAll(), one => ReferenceEquals(one, ring));
    }

    [Fact]
    public void What_it_held_is_let_go_when_it_is_disposed_and_when_nobody_knows_it_any_more()
    {
        ObjectRing ring = Make(RingConcurrency.MultiProducer, RingFullAction.Wait, 4);
        WeakReference held = Fill(ring);
        ring.Dispose();
        Waited.For(() => IsCollected(held));
        GC.KeepAlive(ring);
        WeakReference abandoned = Abandon();
        Waited.For(() => IsCollected(abandoned));
    }

    [Fact]
    public void Writers_and_readers_that_overlap_are_found_out_and_turns_are_legal()
    {
        using ObjectRing ring = Make(RingConcurrency.SingleProducer, RingFullAction.Wait, 1);
        Aside reader = Aside.Run(() => ring.TryRead(out _, Patience));
        SoleSideTests.Overlap(() => ring.ReadStalls > 0, () => ring.TryPeek(out _));
        for (int i = 0; i < 20; i++)
        {
            // A thread of its own for each write.
            Thread writer = new(() => ring.Write(i));
            writer.Start();
            writer.Join();
            Assert.Null(reader.End());
            reader = Aside.Run(() => ring.TryRead(out _, Patience));
        }

        ring.Complete();
        Assert.Null(reader.End());
    }

    [Theory]
    [InlineData(RingConcurrency.MultiProducer, RingFullAction.Wait, 3, 3)]
    [InlineData(RingConcurrency.Spinlock, RingFullAction.Wait, 2, 2)]
    [InlineData(RingConcurrency.SingleProducer, RingFullAction.Wait, 1, 1)]
    [InlineData(RingConcurrency.SingleProducer, RingFullAction.DropOldest, 1, 1)]
    [InlineData(RingConcurrency.MultiProducer, RingFullAction.DropOldest, 3, 2)]
    public void Threads_that_wait_for_each_other_lose_nothing_and_never_hang(RingConcurrency kind, RingFullAction whenFull, int writers, int readers)
    {
        const int share = 20_000;
        // Few places: somebody sleeps all the time.
        using ObjectRing ring = Make(kind, whenFull, 4);
        long sum = 0, count = 0;
        Aside[] reading = [.. Enumerable.Range(0, readers).Select(_ => Aside.Run(() => Drain(ring, ref sum, ref count)))];
        Aside[] writing = [.. Enumerable.Range(0, writers).Select(_ => Aside.Run(() => Fill(ring, share)))];
        Assert.All(writing, one => Assert.Null(one.End()));
        ring.Complete();
        Assert.All(reading, one => Assert.Null(one.End()));
        Assert.Equal((long)writers * share, ring.TotalWritten);
        Assert.Equal(ring.TotalWritten, count + ring.Dropped);
        Assert.Equal(count, ring.TotalRead);
        if (whenFull == RingFullAction.Wait)
            Assert.Equal((long)writers * share * (share - 1) / 2, sum);
    }

    [Fact]
    public void Disposal_in_the_middle_of_the_work_of_many_threads_is_an_error_for_each()
    {
        for (int i = 0; i < 50; i++)
        {
            ObjectRing ring = Make((RingConcurrency)(i % 3), RingFullAction.Wait, 16);
            Aside writer = Aside.Run(() => Fill(ring, int.MaxValue));
            Aside reader = Aside.Run(() =>
            {
                while (true)
                    ring.TryRead(out _, Patience);
            });
            Waited.For(() => ring.TotalRead > 100);
            ring.Dispose();
            Assert.IsType<ObjectDisposedException>(writer.End());
            Assert.IsType<ObjectDisposedException>(reader.End());
        }
    }

    private static ObjectRing Make(RingConcurrency kind, RingFullAction whenFull, long capacity, long first = 0) =>
        ObjectRing.Create(new() { Capacity = capacity, Concurrency = kind, WhenFull = whenFull, Name = "test" }, first);

    private static void Fill(ObjectRing ring, int share)
    {
        object[] numbers = [.. Enumerable.Range(0, 1000).Select(i => (object)i)];
        for (int i = 0; i < share; i++)
            ring.Write(i < numbers.Length ? numbers[i] : i);
    }

    private static void Drain(ObjectRing ring, ref long sum, ref long count)
    {
        while (ring.TryRead(out object? item, Patience) is var readiness && readiness != RingReadiness.Completed)
        {
            Assert.Equal(RingReadiness.Ready, readiness);
            Interlocked.Add(ref sum, (int)item!);
            Interlocked.Increment(ref count);
        }
    }

    private static bool IsCollected(WeakReference one)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return !one.IsAlive;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Fill(ObjectRing ring)
    {
        object held = new();
        ring.Write(held);
        return new(held);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Abandon() => new(Make(RingConcurrency.SingleProducer, RingFullAction.Wait, 4));
}
