using System.Runtime.InteropServices;
using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>Two threads at full speed: order and content of every byte.</summary>
public class ByteRingStressTests
{
    private const long Bytes = 1_000_000_000;

    public static TheoryData<int, ulong> Runs => new()
    {
        { 65536, ulong.MaxValue - 400_000_000 },
        { 4096, (1UL << 63) - 400_000_000 },
    };

    [Theory]
    [MemberData(nameof(Runs))]
    public void A_stream_comes_out_in_order(int capacity, ulong start)
    {
        using ByteRing ring = ByteRing.Create(new() { Capacity = capacity }, start);
        Thread writer = new(() => WriteNumbers(ring));
        writer.Start();
        ulong[] words = new ulong[capacity];
        Span<byte> bytes = MemoryMarshal.AsBytes(words.AsSpan());
        long read = 0;
        int kept = 0;
        ulong next = 0;
        while (ring.Read(bytes[kept..], TimeSpan.FromMinutes(1)) is int got and > 0)
        {
            read += got;
            int whole = (kept + got) / sizeof(ulong);
            for (int i = 0; i < whole; i++)
            {
                if (words[i] != next++)
                    Assert.Fail($"{words[i]} came where {next - 1} was due.");
            }

            kept = kept + got - (whole * sizeof(ulong));
            bytes.Slice(whole * sizeof(ulong), kept).CopyTo(bytes);
        }

        writer.Join();
        Assert.Equal(Bytes, read);
        Assert.Equal(Bytes, ring.TotalWritten);
        Assert.Equal(Bytes, ring.TotalRead);
    }

    private static void WriteNumbers(ByteRing ring)
    {
        Random random = new(5);
        ulong[] words = new ulong[ring.Capacity / 4];
        ulong next = 0;
        long left = Bytes / sizeof(ulong);
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
