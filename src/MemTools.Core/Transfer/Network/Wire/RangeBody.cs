namespace MemTools.Transfer.Network.Wire;

/// <summary>The body of <see cref="FrameType.Data"/> and <see cref="FrameType.Begin"/>: a file and a place in it.</summary>
internal readonly record struct RangeBody(uint Id, long Offset)
{
    internal const int Size = 16;

    internal static RangeBody Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        uint id = reader.UInt32();
        reader.Reserved(4);
        return new(id, reader.Length());
    }

    internal void Write(Span<byte> body)
    {
        WireWriter writer = new(body);
        writer.UInt32(Id);
        writer.Zeros(4);
        writer.UInt64((ulong)Offset);
    }
}
