using System.Runtime.InteropServices;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>Two threads at full speed: order and content of every byte.</summary>
public class ByteRingStressTests
{

    /// <summary>Capacity, where the indices begin, and how much goes through; in a small ring both sides wait all the time.</summary>
    public static TheoryData<int, ulong, long> Runs => new()
    {
        { 1 << 18, ulong.MaxValue - 400_000_000, ProcessRepeats.RingBytes },
        { 1, (1UL << 63) - 40_000_000, ProcessRepeats.RingBytes / 10 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_stream_comes_out_in_order(int capacity, ulong start, long bytes)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = capacity }, start);
        Thread writer = new(() => WriteNumbers(ring, bytes));
        writer.Start();
        ulong[] words = new ulong[ring.Capacity];
        Span<byte> buffer = MemoryMarshal.AsBytes(words.AsSpan());
        long read = 0;
        int kept = 0;
        ulong next = 0;
        while (ring.Read(buffer[kept..], Waited.Longest) is int got and > 0)
        {
            read += got;
            int whole = (kept + got) / sizeof(ulong);
            for (int i = 0; i < whole; i++)
            {
                if (words[i] != next++)
                    Assert.Fail($"{words[i]} came where {next - 1} was due.");
            }

            kept = kept + got - (whole * sizeof(ulong));
            buffer.Slice(whole * sizeof(ulong), kept).CopyTo(buffer);
        }

        writer.Join();
        Assert.Equal(bytes, read);
        Assert.Equal(bytes, ring.TotalWritten);
        Assert.Equal(bytes, ring.TotalRead);
    }

    private static void WriteNumbers(ByteRing ring, long bytes)
    {
        Random random = new(5);
        ulong[] words = new ulong[ring.Capacity / 4];
        ulong next = 0;
        long left = bytes / sizeof(ulong);
        while (left > 0)
        {
            int count = (int)Math.Min(left, random.Next(1, words.Length));
            for (int i = 0; i < count; i++)
                words[i] = next++;
            ring.Write(MemoryMarshal.AsBytes(words.AsSpan(0, count)));
            left -= count;
        }

        ring.Complete();
    }
}
