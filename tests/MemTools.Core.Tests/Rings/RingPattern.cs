namespace MemTools.Tests.Rings;

/// <summary>What the tests of shared rings write: bytes and records that tell by themselves where in the stream they belong.</summary>
internal static class RingPattern
{
    /// <summary>A prime, so that no power of two that a ring might jump by leads to the same bytes.</summary>
    private const int Period = 65521;

    internal const int LongestPiece = 1 << 20;

    private const int PrefixLength = 4;

    private static readonly byte[] Bytes = MakeBytes();

    /// <summary>The bytes of the stream from a position on, at most <see cref="LongestPiece"/>.</summary>
    internal static ReadOnlySpan<byte> At(long position, int length) => Bytes.AsSpan((int)(position % Period), length);

    /// <summary>Record number n: its number and some bytes, of a length that differs.</summary>
    internal static byte[] Record(long number)
    {
        byte[] record = new byte[LengthOf(number)];
        BitConverter.TryWriteBytes(record, number);
        record.AsSpan(sizeof(long)).Fill((byte)number);
        return record;
    }

    /// <summary>The number of the record that begins at an index; -1 where none does.</summary>
    internal static long NumberAt(ulong index)
    {
        long number = 0;
        ulong at = 0;
        while (at < index)
            at += (ulong)LengthOf(number++) + PrefixLength;
        return at == index ? number : -1;
    }

    private static int LengthOf(long number) => sizeof(long) + (int)(number * 37 % 300);

    private static byte[] MakeBytes()
    {
        byte[] bytes = new byte[Period + LongestPiece];
        new Random(7).NextBytes(bytes.AsSpan(0, Period));
        for (int i = Period; i < bytes.Length; i++)
            bytes[i] = bytes[i - Period];
        return bytes;
    }
}
