using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Several threads at full speed: order and content of every item.</summary>
public class ItemRingStressTests
{
    public static TheoryData<string> Kinds => ItemRings.All;

    [Theory]
    [MemberData(nameof(Kinds))]
    public void One_writer_and_one_reader_pass_every_item_in_order(string kind)
    {
        // From below 2^63 to beyond, where the index becomes negative.
        long items = kind == "Spsc" ? ProcessRepeats.RingItems : ProcessRepeats.ContendedItems;
        ItemRing<long> ring = ItemRings.Make<long>(kind, 1024, first: long.MaxValue - (items / 2));
        Thread writer = new(() => WriteNumbers(ring, items));
        writer.Start();
        ReadNumbers(ring, items);
        writer.Join();
        Assert.False(ring.TryRead(out _));
    }

    [Theory]
    [InlineData("Mpmc", 2, 2)]
    [InlineData("Mpmc", 4, 1)]
    [InlineData("Mpmc", 1, 4)]
    [InlineData("Spinlock", 2, 2)]
    public void Each_item_of_many_writers_gets_to_one_of_many_readers_in_its_writers_order(string kind, int writers, int readers)
    {
        long share = ProcessRepeats.ContendedItems / writers;
        ItemRing<Stamp> ring = ItemRings.Make<Stamp>(kind, 256, first: uint.MaxValue - (share / 2));
        long left = share * writers;
        long[][] seen = new long[readers][];
        Thread[] threads =
        [
            .. Enumerable.Range(0, writers).Select(id => new Thread(() => WriteStamps(ring, id, share))),
            .. Enumerable.Range(0, readers).Select(id => new Thread(() => seen[id] = ReadStamps(ring, writers, ref left))),
        ];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        // Each reader saw rising numbers, added up; that all numbers came once is in the sums.
        for (int writer = 0; writer < writers; writer++)
            Assert.Equal(share * (share + 1) / 2, seen.Sum(sums => sums[writer]));
        Assert.Equal(0, ring.Count);
    }

    private static void WriteNumbers(ItemRing<long> ring, long items)
    {
        SpinWait patience = default;
        long[] batch = new long[64];
        for (long next = 0; next < items;)
        {
            // Single items, and now and then a batch.
            if (next % 1000 != 0)
            {
                if (ring.TryWrite(next))
                    next++;
                else
                    patience.SpinOnce(sleep1Threshold: -1);
                continue;
            }

            int count = (int)Math.Min(batch.Length, items - next);
            for (int i = 0; i < count; i++)
                batch[i] = next + i;
            next += ring.TryWrite(batch.AsSpan(0, count));
        }
    }

    private static void ReadNumbers(ItemRing<long> ring, long items)
    {
        SpinWait patience = default;
        long[] batch = new long[48];
        for (long next = 0; next < items;)
        {
            int count = ring.TryRead(batch.AsSpan(0, 1 + (int)(next % batch.Length)));
            for (int i = 0; i < count; i++)
            {
                if (batch[i] != next++)
                    Assert.Fail($"{batch[i]} came where {next - 1} was due.");
            }

            if (count == 0 && !ring.TryPeek(out _))
                patience.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static void WriteStamps(ItemRing<Stamp> ring, int writer, long share)
    {
        SpinWait patience = default;
        Stamp[] pair = new Stamp[2];
        for (long next = 1; next <= share;)
        {
            pair[0] = new(writer, next, ~next);
            pair[1] = new(writer, next + 1, ~(next + 1));
            int written = next % 7 == 0 && next < share ? ring.TryWrite(pair) : ring.TryWrite(pair[0]) ? 1 : 0;
            next += written;
            if (written == 0)
                patience.SpinOnce(sleep1Threshold: -1);
        }
    }

    private static long[] ReadStamps(ItemRing<Stamp> ring, int writers, ref long left)
    {
        SpinWait patience = default;
        long[] sums = new long[writers];
        long[] last = new long[writers];
        Stamp[] some = new Stamp[3];
        while (Volatile.Read(ref left) > 0)
        {
            int count = last[0] % 5 == 0 ? ring.TryRead(some) : ring.TryRead(out some[0]) ? 1 : 0;
            foreach (Stamp stamp in some.AsSpan(0, count))
            {
                // Three words that belong together: a slot that is read while it is written would show.
                if (stamp.Check != ~stamp.Number || stamp.Number <= last[stamp.Writer])
                    Assert.Fail($"After {last[stamp.Writer]} of writer {stamp.Writer} came {stamp}.");
                last[stamp.Writer] = stamp.Number;
                sums[stamp.Writer] += stamp.Number;
            }

            if (count == 0)
                patience.SpinOnce(sleep1Threshold: -1);
            else
                Interlocked.Add(ref left, -count);
        }

        return sums;
    }

    private readonly record struct Stamp(int Writer, long Number, long Check);
}
