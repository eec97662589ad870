namespace MemTools.Transfer.Network.Wire;

/// <summary>The receiver's answer to <see cref="Hello"/>.</summary>
internal readonly ref struct Challenge
{
    internal const int Size = 48;

    internal byte Version { get; init; }

    internal bool HasKey { get; init; }

    internal ReadOnlySpan<byte> Nonce { get; init; }

    internal static Challenge Read(ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        if (!reader.Take(Hello.Magic.Length).SequenceEqual(Hello.Magic))
            throw Violation.Of("it does not answer with MEMTOOLS");
        byte version = reader.Byte();
        byte flags = reader.Byte();
        reader.Reserved(6);
        if (flags > 1)
            throw Violation.Of("a Challenge frame has flags that version 1 does not know");
        return new() { Version = version, HasKey = flags == 1, Nonce = reader.Take(WireLimits.NonceSize) };
    }

    internal void Write(Span<byte> body)
    {
        WireWriter writer = new(body);
        writer.Bytes(Hello.Magic);
        writer.Byte(Version);
        writer.Byte(HasKey ? (byte)1 : (byte)0);
        writer.Zeros(6);
        writer.Bytes(Nonce);
    }
}
