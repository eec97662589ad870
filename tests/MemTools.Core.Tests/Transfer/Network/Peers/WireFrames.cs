using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>
/// Frames as docs/protocol.md describes them, written a second time from that description: tests that borrowed the code under
/// test would share its mistakes.
/// </summary>
internal static class WireFrames
{
    internal const byte Hello = 1;
    internal const byte Challenge = 2;
    internal const byte Proof = 3;
    internal const byte Welcome = 4;
    internal const byte Reject = 5;
    internal const byte File = 16;
    internal const byte Data = 17;
    internal const byte End = 18;
    internal const byte Folder = 19;
    internal const byte Link = 20;
    internal const byte Goodbye = 21;
    internal const byte Begin = 22;
    internal const byte Answer = 32;
    internal const byte Results = 33;
    internal const byte Stop = 34;
    internal const byte Alive = 48;

    internal const int HeaderSize = 8;
    internal const int TagSize = 16;

    /// <summary>Header and body.</summary>
    internal static byte[] Make(byte type, ReadOnlySpan<byte> body, uint payload = 0, byte flags = 0)
    {
        byte[] frame = new byte[HeaderSize + body.Length];
        frame[0] = type;
        frame[1] = flags;
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(2), (ushort)body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), payload);
        body.CopyTo(frame.AsSpan(HeaderSize));
        return frame;
    }

    internal static byte[] HelloBody(bool hasKey, byte[]? session = null, int index = 0, int count = 1, byte lowest = 1, byte highest = 1) =>
    [
        .. "MEMTOOLS"u8, lowest, highest, (byte)(hasKey ? 1 : 0), 0,
        .. UInt16(index), .. UInt16(count),
        .. session ?? RandomNumberGenerator.GetBytes(16),
        .. RandomNumberGenerator.GetBytes(32),
    ];

    internal static byte[] ChallengeBody(bool hasKey, byte version = 1) =>
        [.. "MEMTOOLS"u8, version, (byte)(hasKey ? 1 : 0), 0, 0, 0, 0, 0, 0, .. RandomNumberGenerator.GetBytes(32)];

    /// <summary>What a receiver allows, without its proof.</summary>
    internal static byte[] Terms(ulong largestFile = long.MaxValue, uint unanswered = 1024, uint payload = 4 << 20, uint idle = 60) =>
        [.. UInt64(largestFile), .. UInt32(unanswered), .. UInt32(payload), .. UInt32(idle), .. new byte[12]];

    internal static byte[] RangeBody(uint id, ulong offset) => [.. UInt32(id), 0, 0, 0, 0, .. UInt64(offset)];

    internal static byte[] EndBody(uint id, ushort outcome, ulong sent, ulong length, byte[]? digest) =>
        [.. UInt32(id), .. UInt16(outcome), .. UInt16(digest is null ? 0 : 4), .. UInt64(sent), .. UInt64(length), .. digest ?? new byte[32]];

    internal static byte[] AnswerBody(uint id, params (ulong Length, byte[] Digest)[] points) =>
        [.. UInt32(id), .. UInt16(points.Length), 0, 0, .. points.SelectMany(point => (byte[])[.. UInt64(point.Length), .. point.Digest])];

    internal static byte[] ResultBody(uint id, bool failed = false, byte replacement = 0, int kind = 0, string text = "")
    {
        byte[] encoded = Encoding.UTF8.GetBytes(text);
        return [.. UInt32(id), (byte)(failed ? 1 : 0), replacement, .. UInt16(kind), .. UInt16(encoded.Length), .. encoded];
    }

    internal static byte[] StopBody(int kind, string text) => [.. UInt16(kind), 0, 0, .. Encoding.UTF8.GetBytes(text)];

    internal static byte[] UInt16(int value) => [(byte)value, (byte)(value >> 8)];

    internal static byte[] UInt32(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    internal static byte[] UInt64(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }
}
