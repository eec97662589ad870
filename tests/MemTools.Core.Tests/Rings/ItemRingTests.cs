using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Rings;
using Xunit.Abstractions;

namespace MemTools.Tests.Rings;

/// <summary>Rings of items as one thread sees them.</summary>
public class ItemRingTests(ITestOutputHelper output)
{
    private const int Operations = 10_000_000;

    public static TheoryData<string> Kinds => ItemRings.All;

    [Theory]
    [InlineData("Spsc", 1, 1)]
    [InlineData("Spsc", 3, 4)]
    [InlineData("Spsc", 4, 4)]
    [InlineData("Mpmc", 1, 2)]
    [InlineData("Mpmc", 5, 8)]
    [InlineData("Spinlock", 1, 1)]
    [InlineData("Spinlock", 1025, 2048)]
    public void A_capacity_becomes_a_power_of_two_and_is_used_to_the_last_place(string kind, int wanted, int made)
    {
        ItemRing<int> ring = ItemRings.Make<int>(kind, wanted);
        Assert.Equal(made, ring.Capacity);
        for (int i = 0; i < made; i++)
            Assert.True(ring.TryWrite(i));
        Assert.False(ring.TryWrite(-1));
        Assert.Equal(made, ring.Count);
        for (int i = 0; i < made; i++)
            Assert.True(ring.TryRead(out int item) && item == i);
        Assert.False(ring.TryRead(out _));
        Assert.False(ring.TryPeek(out _));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_capacity_that_makes_no_sense_is_refused(string kind)
    {
        foreach (long capacity in (long[])[long.MinValue, -1, 0, (1L << 30) + 1, 1L << 32])
            Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => ItemRings.Make<int>(kind, capacity)).Kind);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Any_order_of_operations_does_what_a_queue_does(string kind)
    {
        int seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        Random random = new(seed);
        // Near 2^31, 2^32 and 2^63, where the first numbers that are too narrow would wrap; few places, to wrap them often.
        long[] starts = [0, int.MaxValue - 1000, uint.MaxValue - 1000, long.MaxValue - 1000, -1000];
        int operations = (kind == "Spinlock" ? Operations / 5 : Operations) / starts.Length;
        foreach (long start in starts)
            RunAgainstModel(ItemRings.Make<long>(kind, 1 << random.Next(1, 9), start), random, operations, $"seed {seed}, start {start}");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Batches_take_what_fits_and_keep_the_order_over_the_end_of_the_memory(string kind)
    {
        ItemRing<string> ring = ItemRings.Make<string>(kind, 8, first: -3);
        string[] ten = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];
        Assert.Equal(0, ring.TryWrite(ReadOnlySpan<string>.Empty));
        Assert.Equal(8, ring.TryWrite(ten));
        Assert.Equal(0, ring.TryWrite(ten));
        string[] three = new string[3];
        Assert.Equal(3, ring.TryRead(three));
        Assert.Equal(["0", "1", "2"], three);
        Assert.Equal(3, ring.TryWrite(ten));
        string[] all = new string[20];
        Assert.Equal(8, ring.TryRead(all));
        Assert.Equal(["3", "4", "5", "6", "7", "0", "1", "2"], all[..8]);
        Assert.Equal(0, ring.TryRead(all));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_was_read_is_not_kept_alive(string kind)
    {
        ItemRing<object> ring = ItemRings.Make<object>(kind, 8);
        WeakReference[] objects = WriteAndRead(ring);
        for (int patience = 0; patience < 50 && Array.Exists(objects, one => one.IsAlive); patience++)
            GC.Collect();
        Assert.DoesNotContain(objects, one => one.IsAlive);
        GC.KeepAlive(ring);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_array_of_a_derived_type_can_be_read_into_and_written_from(string kind)
    {
        ItemRing<object> ring = ItemRings.Make<object>(kind, 4);
        // A span refuses arrays of another type; single objects have no such check to fail.
        Assert.True(ring.TryWrite("text"));
        Assert.True(ring.TryWrite(5));
        Assert.True(ring.TryRead(out object? first) && ring.TryRead(out object? second) && (string)first == "text" && (int)second == 5);
    }

    private static void RunAgainstModel(ItemRing<long> ring, Random random, int operations, string which)
    {
        Queue<long> model = new();
        long next = 0;
        long[] batch = new long[ring.Capacity + 1];
        for (int i = 0; i < operations;)
        {
            // Long runs of one kind, so that the ring is empty and full now and then.
            int run = random.Next(1, 2 * ring.Capacity);
            int kind = random.Next(5);
            for (int end = i + run; i < end; i++)
            {
                if (!Step(ring, model, kind, batch.AsSpan(0, i % batch.Length), ref next) || ring.Count != model.Count)
                    Assert.Fail($"{which}, capacity {ring.Capacity}, operation {i} of kind {kind}: {ring.Count} items, and {model.Count} in the model");
            }
        }
    }

    private static bool Step(ItemRing<long> ring, Queue<long> model, int kind, Span<long> batch, ref long next)
    {
        bool room = model.Count < ring.Capacity;
        long due;
        switch (kind)
        {
            case 0:
                if (room)
                    model.Enqueue(next);
                return ring.TryWrite(next++) == room;
            case 1:
                return ring.TryRead(out long item) == model.TryDequeue(out due) && item == due;
            case 2:
                return ring.TryPeek(out long first) == model.TryPeek(out due) && first == due;
            case 3:
                for (int i = 0; i < batch.Length; i++)
                    batch[i] = next++;
                int written = ring.TryWrite(batch);
                bool right = written == Math.Min(batch.Length, ring.Capacity - model.Count);
                for (int i = 0; i < written; i++)
                    model.Enqueue(batch[i]);
                return right;
            default:
                int read = ring.TryRead(batch);
                if (read != Math.Min(batch.Length, model.Count))
                    return false;
                for (int i = 0; i < read; i++)
                {
                    if (batch[i] != model.Dequeue())
                        return false;
                }

                return true;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] WriteAndRead(ItemRing<object> ring)
    {
        object[] objects = [new(), new(), new()];
        Assert.Equal(3, ring.TryWrite(objects));
        Assert.True(ring.TryPeek(out _));
        Assert.True(ring.TryRead(out _));
        Assert.Equal(2, ring.TryRead(new object[2]));
        return [.. objects.Select(one => new WeakReference(one))];
    }
}
