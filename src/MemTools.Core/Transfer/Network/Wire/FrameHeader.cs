using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Network.Wire;

/// <summary>The eight bytes before every frame.</summary>
internal readonly record struct FrameHeader(FrameType Type, int BodyLength, int PayloadLength = 0)
{
    /// <summary>Reads a header and holds it against the limits of its type.</summary>
    /// <exception cref="TransferException">ProtocolViolation: no such frame, or one of another length.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal static FrameHeader Read(ReadOnlySpan<byte> bytes)
    {
        FrameHeader header = new(
            (FrameType)bytes[0],
            BinaryPrimitives.ReadUInt16LittleEndian(bytes[2..]),
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), int.MaxValue));
        if (bytes[1] != 0)
            throw Violation.Of($"a frame of type {bytes[0]} has flags that version 1 does not know");
        (int least, int most) = BodyLimits(header.Type);
        if (header.BodyLength < least || header.BodyLength > most)
            throw Violation.Of($"a {header.Type} frame has a body of {header.BodyLength} bytes");
        if (header.PayloadLength > LargestPayload(header.Type))
            throw Violation.Of($"a {header.Type} frame has a payload of {header.PayloadLength} bytes or more");
        return header;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Write(Span<byte> bytes)
    {
        bytes[0] = (byte)Type;
        bytes[1] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)BodyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], (uint)PayloadLength);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static int LargestPayload(FrameType type) => type switch
    {
        FrameType.File => WireLimits.LargestInline,
        FrameType.Data => WireLimits.LargestData,
        _ => 0,
    };

    [MethodImpl(Compilation.AtOnce)]
    private static (int Least, int Most) BodyLimits(FrameType type) => type switch
    {
        FrameType.Hello => Exactly(Hello.Size),
        FrameType.Challenge => Exactly(Challenge.Size),
        FrameType.Proof => Exactly(WireLimits.ProofSize),
        FrameType.Welcome => Exactly(Welcome.Size),
        FrameType.Reject => Exactly(4),
        FrameType.Data => Exactly(RangeBody.Size),
        FrameType.Begin => Exactly(RangeBody.Size),
        FrameType.End => Exactly(EndBody.Size),
        FrameType.Goodbye or FrameType.Alive => Exactly(0),
        FrameType.File or FrameType.Folder or FrameType.Link => (Entry.SmallestSize, WireLimits.LargestBody),
        FrameType.Answer => (Answer.HeaderSize, Answer.LargestSize),
        FrameType.Results => (ResultRecord.HeaderSize, WireLimits.LargestBody),
        FrameType.Stop => (4, 4 + WireLimits.LongestText),
        _ => throw Violation.Of($"there is no frame of type {(byte)type}"),
    };

    private static (int Least, int Most) Exactly(int size) => (size, size);
}
