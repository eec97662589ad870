namespace MemTools.Transfer.Network.Wire;

/// <summary>What a receiver tells a sender that proved itself; the proof of its own follows these bytes.</summary>
internal readonly record struct Welcome
{
    internal const int TermsSize = 32;
    internal const int Size = TermsSize + WireLimits.ProofSize;

    /// <summary>The largest file that is taken, in bytes.</summary>
    internal long LargestFile { get; init; }

    /// <summary>The most entries without a result on this connection.</summary>
    internal int MostUnanswered { get; init; }

    /// <summary>The longest payload of a <see cref="FrameType.Data"/> frame.</summary>
    internal int LargestData { get; init; }

    /// <summary>After how many seconds of silence the receiver gives up.</summary>
    internal int IdleSeconds { get; init; }

    internal static Welcome Read(ReadOnlySpan<byte> terms)
    {
        WireReader reader = new(terms);
        Welcome welcome = new()
        {
            LargestFile = reader.Length(),
            MostUnanswered = (int)Math.Min(reader.UInt32(), WireLimits.MostUnanswered),
            LargestData = (int)Math.Min(reader.UInt32(), WireLimits.LargestData),
            IdleSeconds = (int)Math.Min(reader.UInt32(), int.MaxValue),
        };
        reader.Reserved(12);
        bool sound = welcome.MostUnanswered > 0 && welcome.LargestData >= 4096 && welcome.IdleSeconds > 0;
        return sound ? welcome : throw Violation.Of("a Welcome frame allows nothing");
    }

    internal void Write(Span<byte> terms)
    {
        WireWriter writer = new(terms);
        writer.UInt64((ulong)LargestFile);
        writer.UInt32((uint)MostUnanswered);
        writer.UInt32((uint)LargestData);
        writer.UInt32((uint)IdleSeconds);
        writer.Zeros(12);
    }
}
