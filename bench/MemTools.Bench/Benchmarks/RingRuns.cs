using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Bench.Running;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>
/// The same work as the peers': each record begins with its number, which the reader checks. Loops are methods of their own,
/// compiled in full before they are measured.
/// </summary>
internal static class RingRuns
{
    internal static double Stream(int size, long count, int capacity)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = capacity });
        return PinnedPair.Time(() => WriteStream(ring, size, count), () => ReadStream(ring, size, count));
    }

    internal static double Records(int size, long count, int capacity)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = capacity, Mode = RingMode.Record });
        return PinnedPair.Time(() => WriteRecords(ring, size, count), () => ReadRecords(ring, size, count));
    }

    internal static double Spans(int size, long count, int capacity)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = capacity });
        return PinnedPair.Time(() => WriteSpans(ring, size, count), () => ReadSpans(ring, size, count));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void WriteStream(ByteRing ring, int size, long count)
    {
        Span<byte> record = new byte[size];
        for (long i = 0; i < count; i++)
        {
            MemoryMarshal.Write(record, i);
            for (int tries = 1; !ring.TryWrite(record); tries++)
                PinnedPair.Wait(tries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void ReadStream(ByteRing ring, int size, long count)
    {
        Span<byte> record = new byte[size];
        for (long i = 0; i < count; i++)
        {
            for (int tries = 1; ring.TryRead(record) == 0; tries++)
                PinnedPair.Wait(tries);
            Check(record, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteRecords(ByteRing ring, int size, long count)
    {
        Span<byte> record = new byte[size];
        for (long i = 0; i < count; i++)
        {
            MemoryMarshal.Write(record, i);
            for (int tries = 1; !ring.TryWriteRecord(record); tries++)
                PinnedPair.Wait(tries);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadRecords(ByteRing ring, int size, long count)
    {
        Span<byte> record = new byte[size];
        for (long i = 0; i < count; i++)
        {
            for (int tries = 1; !ring.TryReadRecord(record, out _); tries++)
                PinnedPair.Wait(tries);
            Check(record, i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteSpans(ByteRing ring, int size, long count)
    {
        for (long i = 0; i < count; i++)
        {
            Span<byte> record;
            for (int tries = 1; !ring.TryReserve(size, out record); tries++)
                PinnedPair.Wait(tries);
            MemoryMarshal.Write(record, i);
            ring.Commit(size);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ReadSpans(ByteRing ring, int size, long count)
    {
        for (long i = 0; i < count;)
        {
            ReadOnlySpan<byte> records;
            for (int tries = 1; !ring.TryPeek(out records); tries++)
                PinnedPair.Wait(tries);
            int whole = records.Length / size;
            for (int at = 0; at < whole; at++)
                Check(records[(at * size)..], i++);
            ring.Advance(whole * size);
        }
    }

    private static void Check(ReadOnlySpan<byte> record, long number)
    {
        if (MemoryMarshal.Read<long>(record) != number)
            throw new CommandFailedException($"Record {MemoryMarshal.Read<long>(record)} came where {number} was due.");
    }
}
