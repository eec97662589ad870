using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MemTools.Memory;

/// <summary>Turns numbers round that were written by a machine of the other kind.</summary>
internal static class ByteOrder
{
    /// <summary>Reverses the bytes of each number in place.</summary>
    /// <param name="bytes">Numbers one after another.</param>
    /// <param name="size">Of one, in bytes: 1, 2, 4 or 8.</param>
    internal static void Reverse(Span<byte> bytes, int size)
    {
        switch (size)
        {
            case 2:
                Span<ushort> shorts = MemoryMarshal.Cast<byte, ushort>(bytes);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
                BinaryPrimitives.ReverseEndianness(words, words);
                break;
            case 8:
                Span<ulong> longs = MemoryMarshal.Cast<byte, ulong>(bytes);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
