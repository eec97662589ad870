using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>The flight recorder: what it keeps, what it says it dropped, and that nothing comes out half overwritten.</summary>
public class ByteRingDroppingTests
{
    private static readonly int Page = Environment.SystemPageSize;

    public static TheoryData<ulong> Starts => ByteRingTests.Starts;

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_stream_keeps_its_last_bytes(ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, WhenFull = RingFullAction.DropOldest }, start);
        byte[] data = new byte[(3 * Page) + 5];
        new Random(1).NextBytes(data);
        Assert.True(ring.TryWrite(data.AsSpan(0, Page)));
        Assert.Equal(0, ring.Dropped);
        Assert.True(ring.TryWrite(data.AsSpan(Page, 5)));
        Assert.Equal(5, ring.Dropped);
        Assert.Equal(Page, ring.Used);
        Assert.Equal(data[5..15], ring.TryRead(10));
        // More than the ring holds, in one write.
        Assert.True(ring.TryWrite(data));
        Assert.Equal(data[^Page..], ring.TryRead(int.MaxValue));
        Assert.Equal(0, ring.Used);
        Assert.Equal(Page + 5 + data.Length, ring.TotalWritten);
        Assert.Equal(10 + Page, ring.TotalRead);
        Assert.Equal(ring.TotalWritten - ring.TotalRead, ring.Dropped);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Records_are_dropped_whole_and_counted(ulong start)
    {
        using ByteRing ring = Recorder(Page, start);
        byte[] record = new byte[100];
        int fit = Page / 104;
        for (int i = 0; i < 10 * fit; i++)
        {
            record[0] = (byte)i;
            Assert.True(ring.TryWriteRecord(record));
            Assert.Equal(Math.Max(0, i + 1 - fit), ring.RecordsDropped);
        }

        Assert.Equal(fit * 104, ring.Used);
        Assert.Equal(100 * 9 * fit, ring.Dropped);
        for (int i = 9 * fit; i < 10 * fit; i++)
            Assert.Equal((byte)i, ring.TryReadRecord()![0]);
        Assert.Null(ring.TryReadRecord());
        Assert.Equal(9 * fit, ring.RecordsDropped);
        Assert.Equal(fit, ring.RecordsRead);
        Assert.Equal(100 * fit, ring.TotalRead);
        // What was read already can be overwritten without being lost.
        Assert.True(ring.TryWriteRecord(new byte[Page - 4]));
        Assert.Equal(9 * fit, ring.RecordsDropped);
        ring.Clear();
        Assert.True(ring.IsEmpty);
        Assert.Equal(9 * fit, ring.RecordsDropped);
        Assert.Equal(fit + 1, ring.RecordsRead);
        Assert.Equal(ErrorKind.RecordTooLarge, Assert.Throws<MemToolsException>(() => ring.TryWriteRecord(new byte[Page - 3])).Kind);
    }

    [Fact]
    public void A_span_of_what_may_vanish_is_not_given()
    {
        using ByteRing ring = ByteRing.Create(new() { WhenFull = RingFullAction.DropOldest });
        ring.Write([1]);
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<MemToolsException>(() => ring.TryPeek(out _)).Kind);
        Assert.Equal(ErrorKind.NotSupported, Assert.Throws<MemToolsException>(() => ring.Advance(1)).Kind);
        byte[] one = new byte[1];
        Assert.Equal(1, ring.Peek(one));
        Assert.Equal(1, ring.TryRead(one));
    }

    /// <summary>
    /// The writer never waits and overtakes the reader all the time. Each record's bytes all follow from its number, so that a
    /// mixture is found out; numbers only go up; and what did not come was counted.
    /// </summary>
    [Fact]
    public void A_reader_that_is_overtaken_gets_no_mixture()
    {
        const int records = 3_000_000;
        using ByteRing ring = Recorder(Page, ulong.MaxValue - 1000);
        Thread writer = new(() =>
        {
            Span<ulong> record = stackalloc ulong[64];
            for (ulong i = 0; i < records; i++)
            {
                int words = 1 + (int)(i % 64);
                record[..words].Fill(i);
                ring.TryWriteRecord(MemoryMarshal.AsBytes(record[..words]));
            }

            ring.Complete();
        });
        writer.Start();
        long read = 0;
        ulong next = 0;
        Span<ulong> got = stackalloc ulong[64];
        while (ring.WaitToRead(Waited.Longest) == RingReadiness.Ready)
        {
            while (ring.TryReadRecord(MemoryMarshal.AsBytes(got), out int length))
            {
                ulong number = got[0];
                Assert.True(number >= next, $"{number} came after {next - 1}.");
                Assert.Equal((1 + (int)(number % 64)) * sizeof(ulong), length);
                Assert.Equal(-1, got[..(length / sizeof(ulong))].IndexOfAnyExcept(number));
                next = number + 1;
                read++;
            }
        }

        writer.Join();
        Assert.Equal((ulong)records, next);
        Assert.Equal(records, ring.RecordsWritten);
        Assert.Equal(read, ring.RecordsRead);
        Assert.Equal(records - read, ring.RecordsDropped);
        Assert.Equal(ring.TotalWritten - ring.TotalRead, ring.Dropped);
        Assert.True(read > 0 && ring.RecordsDropped > 0, $"{read} read, {ring.RecordsDropped} dropped: nothing was tried.");
    }

    /// <summary>
    /// The same for a stream, read in pieces as long as the ring, which are never whole when they have been copied: each
    /// number says where it stands, so that what comes is a rising row without mixture, and still something comes.
    /// </summary>
    [Fact]
    public void A_reader_of_large_pieces_gets_what_is_left_of_them()
    {
        const int numbers = 20_000_000;
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, WhenFull = RingFullAction.DropOldest }, ulong.MaxValue - 999);
        Thread writer = new(() =>
        {
            Span<int> piece = stackalloc int[10];
            for (int i = 0; i < numbers; i += piece.Length)
            {
                for (int at = 0; at < piece.Length; at++)
                    piece[at] = i + at;
                ring.TryWrite(MemoryMarshal.AsBytes(piece));
            }

            ring.Complete();
        });
        writer.Start();
        int[] got = new int[ring.Capacity / sizeof(int)];
        int last = -1;
        long pieces = 0;
        while (ring.Read(MemoryMarshal.AsBytes(got.AsSpan()), Waited.Longest) is int length and > 0)
        {
            Assert.Equal(0, length % sizeof(int));
            Assert.True(got[0] > last, $"{got[0]} came after {last}.");
            last = got[0];
            for (int i = 1; i < length / sizeof(int); i++)
                Assert.True(got[i] == ++last, $"{got[i]} came where {last} was due.");
            pieces++;
        }

        writer.Join();
        Assert.Equal(numbers - 1, last);
        Assert.Equal(ring.TotalWritten - ring.TotalRead, ring.Dropped);
        Assert.True(pieces > 1 && ring.Dropped > 0, $"{pieces} pieces, {ring.Dropped} dropped: nothing was tried.");
    }

    private static ByteRing Recorder(long capacity, ulong start) =>
        ByteRing.Create(new() { Capacity = capacity, Mode = RingMode.Record, WhenFull = RingFullAction.DropOldest }, start);
}
