using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;
using Xunit.Abstractions;

namespace MemTools.Tests.Rings;

/// <summary>The pipe queue: publication, messages of several parts, sleeping, and that it allocates nothing.</summary>
public class PipeQueueTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = Waited.Longest;
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(20);

    [Fact]
    public void What_is_written_is_seen_when_it_is_published()
    {
        PipeQueue<int> queue = new(chunkSize: 2);
        for (int i = 0; i < 5; i++)
            queue.Write(i);
        Assert.Equal((0L, 5L), (queue.Count, queue.Unpublished));
        Assert.False(queue.TryRead(out _));
        Assert.False(queue.Publish());
        Assert.Equal((5L, 0L), (queue.Count, queue.Unpublished));
        Assert.True(queue.Publish());
        Assert.True(queue.TryPeek(out int item) && item == 0);
        for (int i = 0; i < 5; i++)
            Assert.True(queue.TryRead(out item) && item == i);
        Assert.False(queue.TryPeek(out _));
    }

    [Fact]
    public void The_writer_learns_whether_the_reader_found_nothing()
    {
        PipeQueue<int> queue = new();
        queue.Write(1);
        Assert.True(queue.Publish());
        queue.Write(2);
        Assert.True(queue.Publish());
        Assert.True(queue.TryRead(out _));
        queue.Write(3);
        Assert.True(queue.Publish());
        Assert.True(queue.TryRead(out _) && queue.TryRead(out _));
        Assert.False(queue.TryRead(out _));
        queue.Write(4);
        Assert.False(queue.Publish());
        queue.Write(5);
        Assert.True(queue.Publish());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(256)]
    public void Parts_show_together_and_can_be_taken_back_before(int chunkSize)
    {
        PipeQueue<string> queue = new(chunkSize, first: uint.MaxValue - 2L);
        queue.Write("whole");
        queue.Write("part 1", incomplete: true);
        queue.Write("part 2", incomplete: true);
        queue.Publish();
        Assert.True(queue.TryRead(out string? item) && item == "whole");
        Assert.False(queue.TryRead(out _));
        Assert.True(queue.TryUnwrite(out item) && item == "part 2");
        queue.Write("part 2b", incomplete: true);
        queue.Write("end");
        Assert.False(queue.TryUnwrite(out _));
        queue.Write("not this", incomplete: true);
        Assert.True(queue.TryUnwrite(out item) && item == "not this");
        Assert.False(queue.TryUnwrite(out _));
        queue.Publish();
        foreach (string due in (string[])["part 1", "part 2b", "end"])
            Assert.True(queue.TryRead(out item) && item == due);
        for (int i = 0; i < 5; i++)
            queue.Write($"{i}");
        queue.Write("part", incomplete: true);
        Assert.Equal(6, queue.UnwriteAll());
        Assert.Equal((0L, 0L, 0L), (queue.UnwriteAll(), queue.Unpublished, queue.Count));
        queue.Write("last");
        queue.Publish();
        Assert.True(queue.TryRead(out item) && item == "last");
    }

    [Fact]
    public void Any_order_of_operations_does_what_a_queue_does()
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        foreach (int chunkSize in (int[])[1, 2, 7, 256])
            RunAgainstModel(new(chunkSize), random, 2_500_000, $"seed {seed}, chunks of {chunkSize}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(256)]
    public void A_queue_of_steady_length_allocates_nothing(int chunkSize)
    {
        PipeQueue<long> queue = new(chunkSize);
        PassOn(queue, 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        PassOn(queue, 10_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void What_was_read_or_taken_back_is_not_kept_alive_nor_are_chunks_that_were_read()
    {
        PipeQueue<object> queue = new(chunkSize: 4);
        WeakReference[] gone = WriteReadAndTakeBack(queue);
        Waited.For(() =>
        {
            GC.Collect();
            return !Array.Exists(gone, one => one.IsAlive);
        });
        GC.KeepAlive(queue);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData((1 << 20) + 1)]
    public void A_chunk_size_that_makes_no_sense_is_refused(int size) =>
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => PipeQueue.Create(size)).Kind);

    [Fact]
    public void Two_threads_pass_every_item_in_order()
    {
        PipeQueue<long> queue = new(chunkSize: 100);
        long items = ProcessRepeats.RingItems;
        Thread writer = new(() => WriteNumbers(queue, items));
        writer.Start();
        long next = 0;
        // Mostly without waiting; the wait when there is nothing.
        while (queue.TryRead(out long item) || queue.TryRead(out item, Patience) == RingReadiness.Ready)
        {
            if (item != next++)
                Assert.Fail($"{item} came where {next - 1} was due.");
        }

        writer.Join();
        Assert.Equal(items, next);
        Assert.True(queue.IsCompleted);
    }

    [Fact]
    public void A_reader_that_sleeps_is_woken_each_time()
    {
        PipeQueue<int> to = new(), back = new();
        Thread echo = new(() =>
        {
            while (to.TryRead(out int item, Patience) == RingReadiness.Ready)
            {
                back.Write(item);
                back.Publish();
            }

            back.Complete();
        });
        echo.Start();
        for (int i = 0; i < 20_000; i++)
        {
            to.Write(i);
            to.Publish();
            Assert.Equal(RingReadiness.Ready, back.TryRead(out int item, Patience));
            Assert.Equal(i, item);
        }

        to.Complete();
        Assert.Equal(RingReadiness.Completed, back.TryRead(out _, Patience));
        echo.Join();
    }

    [Fact]
    public void Waiting_ends_when_the_time_runs_out_it_is_stopped_completed_or_disposed()
    {
        PipeQueue queue = PipeQueue.Create(name: "test");
        Assert.Equal(RingReadiness.TimedOut, queue.TryRead(out _, Moment));
        using CancellationTokenSource stop = new(Moment);
        Assert.Throws<OperationCanceledException>(() => queue.TryRead(out _, Timeout.InfiniteTimeSpan, stop.Token));
        Aside reader = Aside.Run(() => queue.TryRead(out _, Patience));
        SoleSideTests.Overlap(() => queue.ReadStalls == 3, () => queue.TryRead(out _));
        queue.Dispose();
        Assert.IsType<ObjectDisposedException>(reader.End());

        using PipeQueue other = PipeQueue.Create();
        other.Write("seen");
        other.Write("never seen", incomplete: true);
        other.Complete();
        other.Complete();
        Assert.Equal(RingReadiness.Ready, other.TryRead(out _, Patience));
        Assert.Equal(RingReadiness.Completed, other.TryRead(out _, Patience));
    }

    [Fact]
    public void It_is_listed_counted_and_refuses_what_makes_no_sense()
    {
        PipeQueue queue = PipeQueue.Create(16, "numbers");
        using PipeQueue second = PipeQueue.Create(16, "numbers");
        Assert.Equal("numbers#2", second.Name);
        Assert.Contains(PipeQueue.GetAll(), one => ReferenceEquals(one, queue));
        queue.Write(1);
        queue.Write(null);
        Assert.Equal((0L, 2L, 0L, 16), (queue.Count, queue.Unpublished, queue.TotalPublished, queue.ChunkSize));
        Assert.Equal(2, queue.Publish());
        Assert.Equal(0, queue.Publish());
        Assert.True(queue.TryPeek(out object? item) && item is 1);
        Assert.True(queue.TryRead(out item) && item is 1);
        queue.Complete();
        Assert.Equal((1L, 0L, 2L, 1L, true, false), (queue.Count, queue.Unpublished, queue.TotalPublished, queue.TotalRead, queue.IsCompleted, queue.IsEmpty));
        foreach (Action write in (Action[])[() => queue.Write(1), () => queue.Publish(), () => queue.TryUnwrite(out _), () => queue.UnwriteAll()])
            Assert.Equal(ErrorKind.Completed, Assert.Throws<MemToolsException>(write).Kind);
        queue.Dispose();
        queue.Dispose();
        Assert.Equal((1L, 2L, 1L, true), (queue.Count, queue.TotalPublished, queue.TotalRead, queue.IsClosed));
        foreach (Action use in (Action[])[() => queue.Write(1), () => queue.Publish(), queue.Complete, () => queue.TryRead(out _), () => queue.TryPeek(out _)])
            Assert.Throws<ObjectDisposedException>(use);
        Assert.DoesNotContain(PipeQueue.GetAll(), one => ReferenceEquals(one, queue));
    }

    [Fact]
    public void Disposal_in_the_middle_of_the_work_is_an_error_for_both_sides()
    {
        for (int i = 0; i < 50; i++)
        {
            PipeQueue queue = PipeQueue.Create(4);
            Aside writer = Aside.Run(() =>
            {
                while (true)
                {
                    queue.Write("x");
                    queue.Publish();
                    Thread.Yield();
                }
            });
            Aside reader = Aside.Run(() =>
            {
                while (true)
                    queue.TryRead(out _, Patience);
            });
            Waited.For(() => queue.TotalRead > 10);
            queue.Dispose();
            Assert.IsType<ObjectDisposedException>(writer.End());
            Assert.IsType<ObjectDisposedException>(reader.End());
        }
    }

    private static void RunAgainstModel(PipeQueue<long> queue, Random random, int operations, string which)
    {
        Queue<long> published = new();
        List<long> written = [];
        int whole = 0;
        long next = 0;
        for (int i = 0; i < operations; i++)
        {
            bool right = true;
            switch (random.Next(12))
            {
                case < 5:
                    bool incomplete = random.Next(3) == 0;
                    queue.Write(next, incomplete);
                    written.Add(next++);
                    whole = incomplete ? whole : written.Count;
                    break;
                case 5:
                    bool part = written.Count > whole;
                    right = queue.TryUnwrite(out long taken) == part && (!part || taken == written[^1]);
                    if (part)
                        written.RemoveAt(written.Count - 1);
                    break;
                case 6 when random.Next(50) == 0:
                    right = queue.UnwriteAll() == written.Count;
                    written.Clear();
                    whole = 0;
                    break;
                case 7:
                    queue.Publish();
                    foreach (long item in written.Take(whole))
                        published.Enqueue(item);
                    written.RemoveRange(0, whole);
                    whole = 0;
                    break;
                case 8:
                    right = queue.TryPeek(out long first) == published.TryPeek(out long dueFirst) && first == dueFirst;
                    break;
                default:
                    right = queue.TryRead(out long read) == published.TryDequeue(out long due) && read == due;
                    break;
            }

            if (!right || queue.Count != published.Count || queue.Unpublished != written.Count)
                Assert.Fail($"{which}, operation {i}: {queue.Count} and {queue.Unpublished} items, {published.Count} and {written.Count} in the model");
        }
    }

    private static void PassOn(PipeQueue<long> queue, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < 64; i++)
            {
                queue.Write(i);
                // Chunks of one: the reader follows at once, since there is one spare chunk.
                if (queue.ChunkSize == 1)
                {
                    queue.Publish();
                    queue.TryRead(out _);
                }
            }

            queue.Publish();
            while (queue.TryRead(out _))
            {
            }
        }
    }

    private static void WriteNumbers(PipeQueue<long> queue, long items)
    {
        for (long next = 0; next < items; next++)
        {
            queue.Write(next, incomplete: next % 5 == 1);
            if (next % 64 == 0)
                queue.Publish();
            if (next % 100_003 != 0)
                continue;
            // Not all of it in memory at once.
            while (queue.Count > 1_000_000)
                Thread.Yield();
            queue.Write(-1, incomplete: true);
            if (!queue.TryUnwrite(out long taken) || taken != -1)
                Assert.Fail($"{taken} was taken back.");
        }

        queue.Write(items, incomplete: true);
        queue.TryUnwrite(out _);
        queue.Complete();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] WriteReadAndTakeBack(PipeQueue<object> queue)
    {
        object[] objects = [.. Enumerable.Range(0, 20).Select(_ => new object())];
        foreach (object one in objects)
            queue.Write(one);
        queue.Publish();
        for (int i = 0; i < objects.Length; i++)
            Assert.True(queue.TryRead(out _));
        object back = new();
        queue.Write(back, incomplete: true);
        Assert.True(queue.TryUnwrite(out _));
        return [.. objects.Append(back).Select(one => new WeakReference(one))];
    }
}
