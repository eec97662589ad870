using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Who may use it and when: overlap is found out, turns are not; disposing and forgetting it harm nobody.</summary>
public class ByteRingUseTests
{
    private static readonly TimeSpan Patience = Waited.Longest;

    [Fact]
    public void Threads_that_take_turns_may_all_write()
    {
        using ByteRing ring = ByteRing.Create();
        object turn = new();
        Run(8, number =>
        {
            for (int i = 0; i < 2000; i++)
            {
                lock (turn)
                {
                    Assert.True(ring.TryWrite([(byte)number]));
                    Assert.Single(ring.TryRead(1));
                }
            }
        });
        Assert.Equal(16_000, ring.TotalRead);
    }

    [Fact]
    public async Task A_write_while_another_waits_is_refused_and_the_first_goes_on()
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 });
        byte[] all = new byte[ring.Capacity];
        Assert.True(ring.TryWrite(all));
        Task writer = Task.Run(() => ring.Write([7]));
        Assert.True(SpinWait.SpinUntil(() => ring.WriteStalls > 0, Patience));
        for (int i = 0; i < 100; i++)
            Assert.Equal(ErrorKind.OverlappingUse, Assert.Throws<MemToolsException>(() => ring.TryWrite([8])).Kind);
        Assert.Equal(all.Length, ring.TryRead(all.Length).Length);
        await writer.WaitAsync(Patience);
        Assert.Equal([7], ring.TryRead(9));
        Assert.True(ring.TryWrite([9]));
    }

    [Fact]
    public void A_reservation_keeps_others_out_until_it_is_committed()
    {
        // Nothing is awaited: what follows an await may run on another thread, and the reservation is this one's.
        using ByteRing ring = ByteRing.Create();
        Reserve(ring);
        MemToolsException failure = Assert.IsType<MemToolsException>(Aside.Run(() => ring.TryWrite([1])).End());
        Assert.Equal(ErrorKind.OverlappingUse, failure.Kind);
        ring.Commit(1);
        Assert.Null(Aside.Run(() => ring.TryWrite([2])).End());
        Assert.Equal([9, 2], ring.TryRead(9));
        // It lasts until the next write.
        Reserve(ring);
        Assert.True(ring.TryWrite([3]));
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => ring.Commit(1)).Kind);

        static void Reserve(ByteRing ring)
        {
            Assert.True(ring.TryReserve(1, out Span<byte> span));
            span[0] = 9;
        }
    }

    [Fact]
    public void The_span_of_a_thread_that_has_ended_keeps_nobody_out()
    {
        using ByteRing ring = ByteRing.Create();
        Assert.Null(Aside.Run(() => Assert.True(ring.TryReserve(1, out _))).End());
        Assert.True(ring.TryWrite([1]));
        Assert.Null(Aside.Run(() => Assert.True(ring.TryPeek(out _))).End());
        Assert.Equal([1], ring.TryRead(9));
    }

    [SkippableFact]
    public void A_span_is_that_of_the_thread_itself_and_not_of_a_dead_one_whose_stack_it_has()
    {
        using ByteRing ring = ByteRing.Create();
        ReusedStack.Run(() => Assert.True(ring.TryReserve(1, out _)), () =>
        {
            // What the dead one reserved is not this one's to commit.
            Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => ring.Commit(1)).Kind);
            Assert.True(ring.TryWrite([1]));
            Assert.True(ring.TryReserve(1, out Span<byte> span));
            span[0] = 2;
            Assert.Equal(ErrorKind.OverlappingUse, Assert.IsType<MemToolsException>(Aside.Run(() => ring.TryWrite([3])).End()).Kind);
            // From further down the stack, where the claim is looked at by the thread.
            Deeper(100, () => ring.Commit(1));
        });
        Assert.Null(Aside.Run(() => ring.TryWrite([4])).End());
        Assert.Equal([1, 2, 4], ring.TryRead(9));

        static void Deeper(int calls, Action action)
        {
            Span<byte> room = stackalloc byte[256];
            room.Fill((byte)calls);
            if (room[^1] == 0)
                action();
            else
                Deeper(calls - 1, action);
        }
    }

    /// <summary>
    /// Several write, unsynchronised. Each write succeeds whole or is refused: what came out is what succeeded, in the order
    /// of each thread.
    /// </summary>
    [Fact]
    public void Writes_that_overlap_are_refused_and_never_mixed()
    {
        using ByteRing ring = ByteRing.Create(new() { Mode = RingMode.Record });
        int refused = 0;
        long written = 0, done = 0;
        Thread reader = new(() =>
        {
            int[] last = [-1, -1, -1];
            while (ring.ReadRecord(Patience) is { } record)
            {
                Assert.Equal(-1, record.AsSpan(4).IndexOfAnyExcept(record[4]));
                int number = BitConverter.ToInt32(record);
                Assert.True(number > last[record[4]]);
                last[record[4]] = number;
                done++;
            }
        });
        reader.Start();
        Run(3, thread =>
        {
            byte[] record = new byte[4 + 20 + (100 * thread)];
            record.AsSpan(4).Fill((byte)thread);
            for (int i = 0; i < 20_000; i++)
            {
                BitConverter.TryWriteBytes(record, i);
                try
                {
                    if (ring.TryWriteRecord(record.AsSpan()))
                        Interlocked.Increment(ref written);
                }
                catch (MemToolsException e) when (e.Kind == ErrorKind.OverlappingUse)
                {
                    Interlocked.Increment(ref refused);
                }
            }
        });
        ring.Complete();
        reader.Join();
        Assert.Equal(written, done);
        Assert.Equal(written, ring.RecordsWritten);
        Assert.True(written > 0 && refused + written <= 60_000);
    }

    [Fact]
    public void Disposing_it_at_any_moment_is_an_exception_for_those_inside()
    {
        for (int round = 0; round < 200; round++)
        {
            ByteRing ring = ByteRing.Create(new() { Capacity = 1 });
            using Barrier begin = new(3);
            Thread[] users = [Start(() => ring.TryWrite([1, 2, 3])), Start(() => ring.TryRead(2))];
            begin.SignalAndWait();
            Thread.SpinWait(round * 20);
            ring.Dispose();
            ring.Dispose();
            Array.ForEach(users, user => user.Join());
            Assert.True(ring.IsClosed);
            Assert.Equal(ring.TotalWritten, ring.TotalRead + ring.Used);

            Thread Start(Action use)
            {
                Thread thread = new(() =>
                {
                    begin.SignalAndWait();
                    Assert.Throws<ObjectDisposedException>((Action)(() =>
                    {
                        while (true)
                            use();
                    }));
                });
                thread.Start();
                return thread;
            }
        }
    }

    [Fact]
    public void A_span_outlives_the_ring_without_harm()
    {
        ByteRing ring = ByteRing.Create();
        Assert.True(ring.TryReserve(1, out Span<byte> write));
        ring.Dispose();
        write.Fill(7);
        Assert.Throws<ObjectDisposedException>(() => ring.Commit(1));
        Assert.Equal(7, write[^1]);
    }

    [Fact]
    public void A_span_outlives_a_ring_that_was_forgotten()
    {
        ReadOnlySpan<byte> span = PeekAndForget(out WeakReference ring);
        WaitUntilCollected(ring);
        Assert.Equal(0, span.IndexOfAnyExcept((byte)0) + 1);
    }

    [Fact]
    public void A_ring_that_only_a_call_knows_lives_until_that_call_ends()
    {
        RingReadiness? end = null;
        Aside call = WaitAndForget(readiness => end = readiness, out WeakReference ring);
        while (end is null && call.IsUnderWay)
            Collect();
        // Not disposed under the call, which would have said so.
        Assert.Null(call.End());
        Assert.Equal(RingReadiness.TimedOut, end);
        WaitUntilCollected(ring);
    }

    [Fact]
    public void Rings_that_are_forgotten_give_their_memory_back()
    {
        WeakReference[] rings = [.. Enumerable.Range(0, 20).Select(_ => Forgotten())];
        WaitUntilCollected(rings);
    }

    [Fact]
    public void Those_that_live_are_listed()
    {
        ByteRing ring = ByteRing.Create(new() { Name = "listed" });
        using ByteRing second = ByteRing.Create(new() { Name = "Listed" });
        Assert.Equal("Listed#2", second.Name);
        Assert.Contains(ring, RingBuffer.GetAll());
        ring.Dispose();
        Assert.DoesNotContain(ring, RingBuffer.GetAll());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<byte> PeekAndForget(out WeakReference reference)
    {
        ByteRing ring = ByteRing.Create();
        ring.Write(new byte[100]);
        reference = new(ring);
        Assert.True(ring.TryPeek(out ReadOnlySpan<byte> span));
        return span;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Aside WaitAndForget(Action<RingReadiness> tell, out WeakReference reference)
    {
        ByteRing? ring = ByteRing.Create();
        reference = new(ring);
        return Aside.Run(() => tell(Take(ref ring).WaitToRead(TimeSpan.FromSeconds(0.3))));

        static ByteRing Take(ref ByteRing? ring)
        {
            ByteRing taken = ring!;
            // From here on it is the caller's alone.
            ring = null;
            return taken;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forgotten() => new(ByteRing.Create());

    /// <summary>Another test that lists all rings at this moment keeps them for as long as it looks at the list.</summary>
    private static void WaitUntilCollected(params WeakReference[] rings) => Waited.For(() =>
    {
        Collect();
        return !Array.Exists(rings, ring => ring.IsAlive);
    });

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    private static void Run(int count, Action<int> work)
    {
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, count).Select(number => new Thread(() =>
        {
            try
            {
                work(number);
            }
            catch (Exception e)
            {
                failure = e;
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        Assert.Null(failure);
    }
}
