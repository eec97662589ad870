using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>Writing and reading by one thread: sizes, edges, misuse.</summary>
public class ByteRingTests
{
    private static readonly int Page = Environment.SystemPageSize;

    /// <summary>Where indices begin: so that they wrap, or change sign, soon.</summary>
    public static TheoryData<ulong> Starts => [0, uint.MaxValue - 5, (1UL << 63) - 7, ulong.MaxValue - 3];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void The_capacity_is_rounded_up_to_a_power_of_two_and_a_page(int beyond, int pages)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = ((pages - 1) * (long)Page) + (beyond == 0 ? Page : beyond) });
        Assert.Equal(pages * Page, ring.Capacity);
        Assert.Equal(ring.Capacity, ring.Free);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_capacity_that_makes_no_sense_is_refused(long capacity)
    {
        MemToolsException failure = Assert.Throws<MemToolsException>(() => ByteRing.Create(new() { Capacity = capacity }));
        Assert.Equal(ErrorKind.Misuse, failure.Kind);
    }

    [Fact]
    public void More_than_the_machine_has_is_refused()
    {
        MemToolsException failure = Assert.Throws<MemToolsException>(() => ByteRing.Create(new() { Capacity = RingMemory.LargestCapacity }));
        Assert.Equal(ErrorKind.OutOfMemory, failure.Kind);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Every_size_comes_out_as_it_went_in(ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page }, start);
        byte[] read = new byte[Page];
        Random random = new(1);
        foreach (int size in new[] { 0, 1, 2, 7, 8, 9, Page / 2, Page - 2, Page - 1, Page, 1, Page, Page - 1, 3, Page })
        {
            byte[] data = new byte[size];
            random.NextBytes(data);
            Assert.True(ring.TryWrite(data));
            Assert.Equal(size, ring.Used);
            Assert.Equal(Page - size, ring.Free);
            Assert.Equal(size == Page, ring.IsFull);
            Assert.Equal(size == 0, ring.IsEmpty);
            Assert.Equal(size, ring.Peek(read));
            Assert.Equal(size, ring.TryRead(read));
            Assert.Equal(data, read.AsSpan(0, size));
            Assert.Equal(0, ring.TryRead(read));
        }

        Assert.Equal(ring.TotalWritten, ring.TotalRead);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void What_does_not_fit_is_not_written(ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page }, start);
        Assert.True(ring.TryWrite(new byte[Page - 1]));
        Assert.False(ring.TryWrite(new byte[2]));
        Assert.Equal(1, ring.WriteSome(new byte[2]));
        Assert.False(ring.TryWrite(new byte[1]));
        Assert.True(ring.TryWrite([]));
        Assert.Equal(0, ring.WriteSome(new byte[1]));
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => ring.TryWrite(new byte[Page + 1])).Kind);
        Assert.Equal(Page, ring.Used);
    }

    [Fact]
    public void A_capacity_does_not_change_and_says_how_to_move()
    {
        using ByteRing ring = ByteRing.Create();
        MemToolsException failure = Assert.Throws<MemToolsException>(() => ring.Capacity = 5);
        Assert.Equal(ErrorKind.NotSupported, failure.Kind);
        Assert.Contains("Make a larger ring", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void A_reservation_is_one_span_across_the_end(ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page }, start);
        Assert.True(ring.TryWrite(new byte[Page - 10]));
        Assert.Equal(Page - 20, ring.TryRead(new byte[Page - 20]));
        Assert.False(ring.TryReserve(Page - 9, out Span<byte> none));
        Assert.True(none.IsEmpty);
        Assert.True(ring.TryReserve(Page - 10, out Span<byte> span));
        Assert.Equal(Page - 10, span.Length);
        for (int i = 0; i < span.Length; i++)
            span[i] = (byte)i;
        ring.Commit(span.Length);
        ring.Advance(10);
        Assert.True(ring.TryPeek(out ReadOnlySpan<byte> data));
        Assert.Equal(Page - 10, data.Length);
        for (int i = 0; i < data.Length; i++)
            Assert.Equal((byte)i, data[i]);
        ring.Advance(data.Length);
        Assert.True(ring.IsEmpty);
        Assert.False(ring.TryPeek(out data));
    }

    [Theory]
    [MemberData(nameof(Starts))]
    public void Records_stay_whole(ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = Page, Mode = RingMode.Record }, start);
        Assert.Equal(Page - 4, ring.LongestRecord);
        byte[] read = new byte[Page];
        foreach (int size in new[] { 0, 1, Page - 4, 17, Page - 5, Page / 2 })
        {
            byte[] data = new byte[size];
            new Random(size).NextBytes(data);
            Assert.True(ring.TryWriteRecord(data));
            if (size > 0)
            {
                Assert.False(ring.TryReadRecord(read.AsSpan(0, size - 1), out int needed));
                Assert.Equal(size, needed);
            }

            Assert.True(ring.PeekRecord(read, out int length));
            Assert.True(ring.TryReadRecord(read, out length));
            Assert.Equal(data, read.AsSpan(0, length));
            Assert.False(ring.TryReadRecord(read, out length));
            Assert.Equal(0, length);
        }

        Assert.Equal(6, ring.RecordsRead);
        Assert.Equal(ring.TotalWritten, ring.TotalRead);
        Assert.Equal(ErrorKind.RecordTooLarge, Assert.Throws<MemToolsException>(() => ring.TryWriteRecord(new byte[Page - 3])).Kind);
    }
}
