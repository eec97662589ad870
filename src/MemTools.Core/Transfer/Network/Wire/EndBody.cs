namespace MemTools.Transfer.Network.Wire;

/// <summary>How the sending of a file ended.</summary>
internal enum EndOutcome : ushort
{
    Complete = 0,
    SourceTruncated = 1,
    SourceChanged = 2,
    SourceUnreadable = 3,
    Stopped = 4,
    ConnectionBroken = 5,
}

/// <summary>The body of <see cref="FrameType.End"/>.</summary>
internal readonly ref struct EndBody
{
    internal const int Size = 56;
    private const ushort DigestFlag = 4;

    internal uint Id { get; init; }

    internal EndOutcome Outcome { get; init; }

    /// <summary>Bytes that were sent in Data frames since Begin.</summary>
    internal long BytesSent { get; init; }

    internal long Length { get; init; }

    /// <summary>SHA-256 of the file; empty without one.</summary>
    internal ReadOnlySpan<byte> Digest { get; init; }

    internal static EndBody Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        uint id = reader.UInt32();
        ushort outcome = reader.UInt16();
        ushort flags = reader.UInt16();
        if (outcome > (ushort)EndOutcome.ConnectionBroken || (flags & ~DigestFlag) != 0)
            throw Violation.Of("an End frame says what version 1 does not know");
        EndBody end = new()
        {
            Id = id,
            Outcome = (EndOutcome)outcome,
            BytesSent = reader.Length(),
            Length = reader.Length(),
            Digest = Entry.DigestOrNothing(ref reader, (flags & DigestFlag) != 0),
        };
        return end;
    }

    internal void Write(Span<byte> body)
    {
        WireWriter writer = new(body);
        writer.UInt32(Id);
        writer.UInt16((ushort)Outcome);
        writer.UInt16(Digest.IsEmpty ? (ushort)0 : DigestFlag);
        writer.UInt64((ulong)BytesSent);
        writer.UInt64((ulong)Length);
        if (Digest.IsEmpty)
            writer.Zeros(WireLimits.DigestSize);
        else
            writer.Bytes(Digest);
    }
}
