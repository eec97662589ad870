using MemTools.Kernel;
using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>Memory that another process can write may hold anything: that is an exception, and touches nothing outside.</summary>
public unsafe class ByteRingDamageTests
{
    private static readonly ulong Page = (ulong)Environment.SystemPageSize;

    public static TheoryData<ulong> Jumps => [1UL << 40, ulong.MaxValue / 2, ulong.MaxValue - 20, (ulong)Environment.SystemPageSize + 1];

    [Theory]
    [MemberData(nameof(Jumps))]
    public void Indices_that_jump_are_found_out(ulong jump)
    {
        using Damaged stream = new(RingMode.Stream, RingFullAction.Wait);
        Assert.True(stream.Ring.TryWrite(new byte[10]));
        Assert.Equal(3, stream.Ring.TryRead(3).Length);
        stream.Header->ProducerIndex += jump;
        stream.IsRefused(ring => ring.TryRead(new byte[20].AsSpan()));
        stream.IsRefused(ring => ring.TryPeek(out _));
        stream.IsRefused(ring => ring.Advance(1));
        stream.IsRefused(ring => ring.Clear());
        stream.IsRefused(ring => ring.WaitToRead(TimeSpan.Zero));
        stream.IsRefused(ring => ring.TryWrite([1]));
        stream.IsRefused(ring => ring.WriteSome([1]));
        stream.IsRefused(ring => ring.TryReserve(1, out _));
        Assert.InRange(stream.Ring.Used, 0, (long)Page);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_consumer_that_jumps_is_found_out(ulong jump)
    {
        using Damaged stream = new(RingMode.Stream, RingFullAction.Wait);
        Assert.True(stream.Ring.TryWrite(new byte[Page]));
        stream.Header->ConsumerIndex += jump;
        stream.IsRefused(ring => ring.TryWrite([1]));
        stream.IsRefused(ring => ring.WaitToWrite(1, TimeSpan.Zero));
        stream.IsRefused(ring => ring.TryRead(new byte[1 << 16].AsSpan()));
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(int.MaxValue)]
    [InlineData(11u)]
    public void A_record_whose_length_lies_is_found_out(uint length)
    {
        using Damaged records = new(RingMode.Record, RingFullAction.Wait);
        Assert.True(records.Ring.TryWriteRecord(new byte[10]));
        *(uint*)records.Data = length;
        records.IsRefused(ring => ring.TryReadRecord());
        records.IsRefused(ring => ring.TryPeekRecord(out _));
        records.IsRefused(ring => ring.AdvanceRecord());
        records.IsRefused(ring => ring.Clear());
    }

    [Fact]
    public void Half_a_length_is_found_out()
    {
        using Damaged records = new(RingMode.Record, RingFullAction.Wait);
        records.Header->ProducerIndex += 3;
        records.IsRefused(ring => ring.TryReadRecord());
    }

    [Theory]
    [InlineData(uint.MaxValue)]
    [InlineData(100_000u)]
    public void A_flight_recorder_whose_lengths_lie_is_found_out_on_both_sides(uint length)
    {
        using Damaged records = new(RingMode.Record, RingFullAction.DropOldest);
        while (records.Ring.RecordsDropped == 0)
            Assert.True(records.Ring.TryWriteRecord(new byte[100]));
        ulong oldest = records.Header->OldestIndex;
        *(uint*)(records.Data + (oldest % Page)) = length;
        records.IsRefused(ring => ring.TryReadRecord());
        records.IsRefused(ring => ring.TryWriteRecord(new byte[100]));
        records.Header->OldestIndex = oldest + (1UL << 40);
        records.IsRefused(ring => ring.TryWriteRecord(new byte[1000]));
    }

    /// <summary>Random words all over the header, for a while: no crash, and no other exception.</summary>
    [Theory]
    [InlineData(RingMode.Stream, RingFullAction.Wait)]
    [InlineData(RingMode.Record, RingFullAction.Wait)]
    [InlineData(RingMode.Stream, RingFullAction.DropOldest)]
    [InlineData(RingMode.Record, RingFullAction.DropOldest)]
    public void Whatever_the_header_holds_nothing_outside_is_touched(RingMode mode, RingFullAction whenFull)
    {
        Random random = new(7);
        for (int round = 0; round < 300; round++)
        {
            using Damaged damaged = new(mode, whenFull);
            Span<ulong> header = new(damaged.Header, RingHeader.Size / sizeof(ulong));
            for (int i = 0; i < 50; i++)
            {
                header[random.Next(4, 72)] = random.Next(3) switch
                {
                    0 => (ulong)random.NextInt64(),
                    1 => (ulong)random.NextInt64(0, (long)Page * 2),
                    _ => ulong.MaxValue - (ulong)random.Next((int)Page),
                };
                Use(damaged.Ring, mode, random);
            }
        }
    }

    private static void Use(ByteRing ring, RingMode mode, Random random)
    {
        byte[] bytes = new byte[random.Next((int)Page - 4)];
        try
        {
            switch ((mode, random.Next(4)))
            {
                case (RingMode.Stream, 0): ring.TryWrite(bytes.AsSpan()); break;
                case (RingMode.Stream, 1): ring.TryRead(bytes.AsSpan()); break;
                case (RingMode.Record, 0): ring.TryWriteRecord(bytes.AsSpan()); break;
                case (RingMode.Record, 1): ring.TryReadRecord(bytes.AsSpan(), out _); break;
                case (_, 2): ring.Clear(); break;
                default: ring.TryReserve(1, out _); break;
            }
        }
        catch (MemToolsException e) when (e.Kind is ErrorKind.Corrupted or ErrorKind.Completed)
        {
            // As it should be.
        }
    }

    private sealed class Damaged : IDisposable
    {
        private readonly RingMemory _memory;

        internal Damaged(RingMode mode, RingFullAction whenFull)
        {
            _memory = RingMemory.Create((long)Page, mode, whenFull);
            Ring = new("damaged", _memory, mode, whenFull, peers: null);
        }

        internal ByteRing Ring { get; }

        internal RingHeader* Header => _memory.Header;

        internal byte* Data => _memory.Data;

        internal void IsRefused(Action<ByteRing> use) =>
            Assert.Equal(ErrorKind.Corrupted, Assert.Throws<MemToolsException>(() => use(Ring)).Kind);

        public void Dispose() => Ring.Dispose();
    }
}
