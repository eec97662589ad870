using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Random operations on a ring and on a plain queue, which must agree at every step.</summary>
public class ByteRingModelTests
{
    private static int Operations => ProcessRepeats.RingOperations / 4;

    public static TheoryData<int, ulong> Seeds => new()
    {
        { 1, 0 },
        { 2, ulong.MaxValue - 1_000_000 },
        { 3, (1UL << 63) - 1_000_000 },
        { 4, uint.MaxValue - 1_000_000UL },
    };

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_stream_does_what_a_queue_of_bytes_does(int seed, ulong start)
    {
        Random random = new(seed);
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1 }, start);
        // The bytes are a known row, so that the queue is two numbers: what was written, and what was read.
        byte[] row = Row();
        long written = 0, read = 0;
        int capacity = (int)ring.Capacity;
        byte[] buffer = new byte[2 * capacity];
        for (int i = 0; i < Operations; i++)
        {
            int size = Size(random, capacity);
            int used = (int)(written - read);
            bool agrees = random.Next(8) switch
            {
                0 or 1 => size > capacity || ring.TryWrite(Of(row, written, size)) == (Write(size <= capacity - used ? size : -1) >= 0),
                2 => ring.WriteSome(Of(row, written, size)) == Write(Math.Min(size, capacity - used)),
                3 => Reserve(size),
                4 => ring.Peek(buffer.AsSpan(0, size)) == Math.Min(size, used) && Same(Math.Min(size, used), 0),
                5 => PeekAndAdvance(size),
                _ => ring.TryRead(buffer.AsSpan(0, size)) == Math.Min(size, used) && Same(Math.Min(size, used), Math.Min(size, used)),
            };
            if (!agrees || ring.Used != written - read || ring.TotalRead != read)
                Assert.Fail($"Seed {seed}, operation {i}: size {size}, {used} were there, {ring.Used} are.");
        }

        int Write(int count)
        {
            written += Math.Max(count, 0);
            return count;
        }

        bool Same(int count, int taken)
        {
            bool same = buffer.AsSpan(0, count).SequenceEqual(Of(row, read, count));
            read += taken;
            return same;
        }

        bool Reserve(int size)
        {
            int free = capacity - (int)(written - read);
            if (size is 0 || size > capacity)
                return true;
            if (!ring.TryReserve(size, out Span<byte> span))
                return free < size;
            Of(row, written, size).CopyTo(span);
            ring.Commit(size);
            written += size;
            return span.Length >= size && span.Length <= free;
        }

        bool PeekAndAdvance(int size)
        {
            int used = (int)(written - read);
            ring.TryPeek(out ReadOnlySpan<byte> span);
            bool same = span.Length == used && span.SequenceEqual(Of(row, read, used));
            ring.Advance(Math.Min(size, used));
            read += Math.Min(size, used);
            return same;
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Records_do_what_a_queue_of_records_does(int seed, ulong start)
    {
        Random random = new(seed);
        RingFullAction whenFull = seed % 2 == 0 ? RingFullAction.DropOldest : RingFullAction.Wait;
        using ByteRing ring = ByteRing.Create(new() { Capacity = 1, Mode = RingMode.Record, WhenFull = whenFull }, start);
        byte[] row = Row();
        Queue<(long Start, int Length)> model = new();
        int capacity = (int)ring.Capacity, used = 0;
        long at = 0, dropped = 0;
        byte[] buffer = new byte[capacity];
        for (int i = 0; i < Operations; i++)
        {
            int size = Size(random, capacity - 4);
            bool agrees = random.Next(5) switch
            {
                0 or 1 when size <= capacity - 4 => ring.TryWriteRecord(Of(row, at, size)) == Add(size),
                2 when whenFull == RingFullAction.Wait => PeekAndAdvance(),
                _ => Read(size),
            };
            if (!agrees || (whenFull == RingFullAction.Wait && ring.Used != used) || ring.RecordsDropped != dropped)
                Assert.Fail($"Seed {seed}, operation {i}: size {size}, {used} should be there, {ring.Used} are, dropped {dropped} and {ring.RecordsDropped}.");
        }

        bool Add(int size)
        {
            if (whenFull == RingFullAction.Wait && used + size + 4 > capacity)
                return false;
            model.Enqueue((at, size));
            at += size;
            used += size + 4;
            // In the ring what was read already takes room too, until it is overwritten; nobody can tell.
            while (used > capacity)
            {
                used -= model.Dequeue().Length + 4;
                dropped++;
            }

            return true;
        }

        bool Read(int size)
        {
            bool isThere = model.TryPeek(out (long Start, int Length) next);
            bool got = ring.TryReadRecord(buffer.AsSpan(0, Math.Min(size, buffer.Length)), out int length);
            if (!isThere || next.Length > Math.Min(size, buffer.Length))
                return !got && length == next.Length;
            model.Dequeue();
            used -= next.Length + 4;
            return got && buffer.AsSpan(0, length).SequenceEqual(Of(row, next.Start, next.Length));
        }

        bool PeekAndAdvance()
        {
            if (!ring.TryPeekRecord(out ReadOnlySpan<byte> record))
                return model.Count == 0;
            (long start, int length) = model.Dequeue();
            ring.AdvanceRecord();
            used -= length + 4;
            return record.SequenceEqual(Of(row, start, length));
        }
    }

    /// <summary>Around 0, around half, around the whole, and a little beyond.</summary>
    private static int Size(Random random, int capacity) => random.Next(6) switch
    {
        0 => random.Next(4),
        1 => capacity - random.Next(4),
        2 => capacity + random.Next(2),
        3 => (capacity / 2) + random.Next(-3, 3),
        _ => random.Next(capacity / 4),
    };

    private static byte[] Row()
    {
        byte[] row = new byte[(1 << 16) + (8 * Environment.SystemPageSize)];
        new Random(0).NextBytes(row.AsSpan(0, 1 << 16));
        row.AsSpan(0, row.Length - (1 << 16)).CopyTo(row.AsSpan(1 << 16));
        return row;
    }

    private static ReadOnlySpan<byte> Of(byte[] row, long at, int count) => row.AsSpan((int)(at & 0xFFFF), count);
}
