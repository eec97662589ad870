using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer.Network.Wire;

/// <summary>How an entry took its place at the receiver.</summary>
internal enum WireReplacement : byte
{
    New = 0,
    Renamed = 1,
    Merged = 2,
}

/// <summary>What became of one entry: a record of a <see cref="FrameType.Results"/> frame.</summary>
internal readonly ref struct ResultRecord
{
    internal const int HeaderSize = 10;

    internal uint Id { get; init; }

    internal bool Failed { get; init; }

    internal WireReplacement Replacement { get; init; }

    internal ErrorKind Kind { get; init; }

    /// <summary>UTF-8: why it failed, or a warning; empty for none.</summary>
    internal ReadOnlySpan<byte> Text { get; init; }

    internal int Size => HeaderSize + Text.Length;

    [MethodImpl(Compilation.AtOnce)]
    internal static ResultRecord Read(scoped ref WireReader reader)
    {
        uint id = reader.UInt32();
        byte status = reader.Byte();
        byte replacement = reader.Byte();
        ushort kind = reader.UInt16();
        int length = reader.UInt16();
        if (status > 1 || replacement > (byte)WireReplacement.Merged || length > WireLimits.LongestText)
            throw Violation.Of("a result says what version 1 does not know");
        return new()
        {
            Id = id,
            Failed = status == 1,
            Replacement = (WireReplacement)replacement,
            // A later build may know kinds that this one does not.
            Kind = Enum.IsDefined((ErrorKind)kind) ? (ErrorKind)kind : ErrorKind.SystemCallFailed,
            Text = reader.Take(length),
        };
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Write(scoped ref WireWriter writer)
    {
        writer.UInt32(Id);
        writer.Byte(Failed ? (byte)1 : (byte)0);
        writer.Byte((byte)Replacement);
        writer.UInt16(Failed ? (ushort)Kind : (ushort)0);
        writer.UInt16((ushort)Text.Length);
        writer.Bytes(Text);
    }
}
