namespace MemTools.Transfer.Network.Wire;

/// <summary>The first frame of a sender.</summary>
internal readonly ref struct Hello
{
    internal const int Size = 64;

    internal static ReadOnlySpan<byte> Magic => "MEMTOOLS"u8;

    internal byte LowestVersion { get; init; }

    internal byte HighestVersion { get; init; }

    internal bool HasKey { get; init; }

    /// <summary>Which of its session's connections this is.</summary>
    internal ushort Index { get; init; }

    /// <summary>How many connections the session has.</summary>
    internal ushort Count { get; init; }

    internal ReadOnlySpan<byte> Session { get; init; }

    internal ReadOnlySpan<byte> Nonce { get; init; }

    internal static Hello Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        if (!reader.Take(Magic.Length).SequenceEqual(Magic))
            throw Violation.Of("it does not begin with MEMTOOLS");
        byte lowest = reader.Byte();
        byte highest = reader.Byte();
        ushort flags = reader.UInt16();
        Hello hello = new()
        {
            LowestVersion = lowest,
            HighestVersion = highest,
            HasKey = (flags & 1) != 0,
            Index = reader.UInt16(),
            Count = reader.UInt16(),
            Session = reader.Take(WireLimits.SessionSize),
            Nonce = reader.Take(WireLimits.NonceSize),
        };
        bool sound = lowest <= highest && flags <= 1 && hello.Count is >= 1 and <= WireLimits.MostConnections && hello.Index < hello.Count;
        return sound ? hello : throw Violation.Of("a Hello frame contradicts itself");
    }

    internal void Write(Span<byte> body)
    {
        WireWriter writer = new(body);
        writer.Bytes(Magic);
        writer.Byte(LowestVersion);
        writer.Byte(HighestVersion);
        writer.UInt16(HasKey ? (ushort)1 : (ushort)0);
        writer.UInt16(Index);
        writer.UInt16(Count);
        writer.Bytes(Session);
        writer.Bytes(Nonce);
    }
}
