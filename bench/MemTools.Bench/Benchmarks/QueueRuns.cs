using System.Runtime.CompilerServices;
using MemTools.Bench.Running;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>
/// The same work as that of bench/peers/queues.cpp: numbers, or references, from writers to readers, which add up what they
/// get. Each returns the seconds that an item took. Loops are methods of their own, compiled in full at the first call.
/// </summary>
internal static class QueueRuns
{
    private const int Objects = 256;

    /// <summary>Objects that are written again and again: making them is not what is measured.</summary>
    private static readonly Numbered[] Instances = [.. Enumerable.Range(0, Objects).Select(number => new Numbered(number))];

    internal static double Numbers<TQueue>(TQueue queue, long items)
        where TQueue : struct, IQueue<long>
    {
        long sum = 0;
        double seconds = PinnedThreads.Time(1, () => WriteNumbers(queue, items), () => sum = ReadNumbers(queue, items));
        return Checked(seconds / items, sum, items * (items - 1) / 2);
    }

    internal static double Batches(SpscRing<long> ring, long items, int batch)
    {
        long sum = 0;
        double seconds = PinnedThreads.Time(1, () => WriteBatches(ring, items, batch), () => sum = ReadBatches(ring, items, batch));
        return Checked(seconds / items, sum, items * (items - 1) / 2);
    }

    internal static double References<TQueue>(TQueue queue, long items, int pairs)
        where TQueue : struct, IQueue<object>
    {
        long sum = 0;
        long share = items / pairs / Objects * Objects;
        double seconds = PinnedThreads.Time(pairs, () => WriteReferences(queue, share), () => Interlocked.Add(ref sum, ReadReferences(queue, share)));
        return Checked(seconds / (share * pairs), sum, share * pairs / Objects * (Objects * (Objects - 1) / 2));
    }

    /// <summary>A pipe queue whose writer publishes every so many items.</summary>
    /// <param name="items">How many items.</param>
    /// <param name="publishEvery">After how many to publish.</param>
    /// <param name="longest">How many items the reader may be behind; the writer waits there.</param>
    /// <param name="allocated">Bytes that the writer allocated, once it had written a few chunks.</param>
    internal static double Published(long items, int publishEvery, long longest, out long allocated)
    {
        PipeQueue<long> queue = new();
        long sum = 0, bytes = 0;
        double seconds = PinnedThreads.Time(1, () => bytes = WritePublished(queue, items, publishEvery, longest), () => sum = ReadPublished(queue, items));
        allocated = bytes;
        return Checked(seconds / items, sum, items * (items - 1) / 2);
    }

    private static double Checked(double seconds, long sum, long due) => sum == due
        ? seconds
        : throw new CommandFailedException($"What was read adds up to {sum}, and not to {due}.");

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteNumbers<TQueue>(TQueue queue, long items)
        where TQueue : struct, IQueue<long>
    {
        for (long i = 0; i < items; i++)
        {
            for (int tries = 1; !queue.TryWrite(i); tries++)
                PinnedThreads.Wait(tries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ReadNumbers<TQueue>(TQueue queue, long items)
        where TQueue : struct, IQueue<long>
    {
        long sum = 0;
        for (long i = 0; i < items; i++)
        {
            long item;
            for (int tries = 1; !queue.TryRead(out item); tries++)
                PinnedThreads.Wait(tries);
            sum += item;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBatches(SpscRing<long> ring, long items, int batch)
    {
        long[] buffer = new long[batch];
        for (long i = 0; i < items; i += batch)
        {
            for (int j = 0; j < batch; j++)
                buffer[j] = i + j;
            int tries = 1;
            for (int done = 0; done < batch;)
            {
                int some = ring.TryWrite(buffer.AsSpan(done));
                done += some;
                if (some == 0)
                    PinnedThreads.Wait(tries++);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ReadBatches(SpscRing<long> ring, long items, int batch)
    {
        long[] buffer = new long[batch];
        long sum = 0;
        int tries = 1;
        for (long i = 0; i < items;)
        {
            int some = ring.TryRead(buffer.AsSpan());
            if (some == 0)
                PinnedThreads.Wait(tries++);
            for (int j = 0; j < some; j++)
                sum += buffer[j];
            i += some;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteReferences<TQueue>(TQueue queue, long share)
        where TQueue : struct, IQueue<object>
    {
        Numbered[] instances = Instances;
        for (long i = 0; i < share; i++)
        {
            object item = instances[i % Objects];
            for (int tries = 1; !queue.TryWrite(item); tries++)
                PinnedThreads.Wait(tries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ReadReferences<TQueue>(TQueue queue, long share)
        where TQueue : struct, IQueue<object>
    {
        long sum = 0;
        for (long i = 0; i < share; i++)
        {
            object? item;
            for (int tries = 1; !queue.TryRead(out item); tries++)
                PinnedThreads.Wait(tries);
            sum += Unsafe.As<Numbered>(item!).Number;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long WritePublished(PipeQueue<long> queue, long items, int publishEvery, long longest)
    {
        long before = 0;
        for (long i = 0; i < items; i++)
        {
            queue.Write(i);
            if (i % publishEvery != publishEvery - 1)
                continue;
            queue.Publish();
            for (int tries = 1; longest < items && queue.Count > longest; tries++)
                PinnedThreads.Wait(tries);
            if (i / publishEvery == 100)
                before = GC.GetAllocatedBytesForCurrentThread();
        }

        queue.Publish();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long ReadPublished(PipeQueue<long> queue, long items)
    {
        long sum = 0;
        for (long i = 0; i < items; i++)
        {
            long item;
            for (int tries = 1; !queue.TryRead(out item); tries++)
                PinnedThreads.Wait(tries);
            sum += item;
        }

        return sum;
    }

    private sealed class Numbered(int number)
    {
        internal int Number { get; } = number;
    }
}
