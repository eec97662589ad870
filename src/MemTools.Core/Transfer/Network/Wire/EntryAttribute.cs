namespace MemTools.Transfer.Network.Wire;

/// <summary>An extended attribute of an entry. Which names are taken is for the receiver to say.</summary>
internal readonly ref struct EntryAttribute
{
    internal ReadOnlySpan<byte> Name { get; init; }

    internal ReadOnlySpan<byte> Value { get; init; }

    internal static EntryAttribute Read(scoped ref WireReader reader)
    {
        int name = reader.UInt16();
        int value = reader.UInt16();
        if (name is < 1 or > WireLimits.LongestAttributeName)
            throw Violation.Of($"an attribute's name has {name} bytes");
        return new() { Name = reader.Take(name), Value = reader.Take(value) };
    }

    internal static int SizeOf(int name, int value) => 4 + name + value;

    internal void Write(scoped ref WireWriter writer)
    {
        writer.UInt16((ushort)Name.Length);
        writer.UInt16((ushort)Value.Length);
        writer.Bytes(Name);
        writer.Bytes(Value);
    }
}
