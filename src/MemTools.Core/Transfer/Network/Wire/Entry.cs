using System.Runtime.CompilerServices;
using MemTools.Native;

namespace MemTools.Transfer.Network.Wire;

/// <summary>What an entry says of itself besides its fields.</summary>
[Flags]
internal enum EntryFlags : ushort
{
    None = 0,

    /// <summary>The content is the payload of the frame.</summary>
    Inline = 1,

    /// <summary>The content was complete before it was sent; no End follows.</summary>
    Whole = 2,
    Digest = 4,
    Mode = 8,
    Times = 16,

    /// <summary>It was sent before, on a connection that broke.</summary>
    Again = 32,

    /// <summary>The End that follows has the digest.</summary>
    Hashed = 64,
    All = Inline | Whole | Digest | Mode | Times | Again | Hashed,
}

/// <summary>The body of File, Folder and Link frames. What is read points into the body.</summary>
internal ref struct Entry
{
    /// <summary>All but path, target and attributes.</summary>
    internal const int FixedSize = 4 + 2 + 2 + 8 + 12 + 12 + WireLimits.DigestSize + 2 + 2 + 2;

    internal const int SmallestSize = FixedSize + 1;

    /// <summary>Where in the body the digest stands.</summary>
    internal const int DigestOffset = 40;

    private const uint MostNanoseconds = 999_999_999;
    private const uint PermissionBits = 0x1FF;

    internal uint Id;
    internal EntryFlags Flags;
    internal uint Mode;
    internal long Length;
    internal StatxTimestamp AccessTime;
    internal StatxTimestamp ModifyTime;

    /// <summary>Empty without the flag.</summary>
    internal ReadOnlySpan<byte> Digest;
    internal ReadOnlySpan<byte> Path;

    /// <summary>What a link holds; else empty.</summary>
    internal ReadOnlySpan<byte> Target;
    internal int AttributeCount;

    /// <summary>The attributes as they travel; <see cref="EntryAttribute"/> takes them one by one.</summary>
    internal ReadOnlySpan<byte> Attributes;

    internal readonly int Size => FixedSize + Path.Length + Target.Length + Attributes.Length;

    internal readonly bool Has(EntryFlags flag) => (Flags & flag) != 0;

    /// <summary>Reads an entry and checks all that needs no file system but the path and target themselves.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static Entry Read(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        WireReader reader = new(body);
        Entry entry = new()
        {
            Id = reader.UInt32(),
            Flags = (EntryFlags)reader.UInt16(),
            Mode = reader.UInt16(),
            Length = reader.Length(),
            AccessTime = ReadTime(ref reader),
            ModifyTime = ReadTime(ref reader),
        };
        if (entry.Id == 0 || (entry.Flags & ~EntryFlags.All) != 0)
            throw Violation.Of("an entry has no id, or flags that version 1 does not know");
        if (entry.Mode > PermissionBits)
            throw Violation.Of($"an entry has mode {Convert.ToString(entry.Mode, 8)}, and no more than permissions can be sent");
        entry.Digest = DigestOrNothing(ref reader, entry.Has(EntryFlags.Digest));
        entry.Path = reader.Take(reader.UInt16());
        entry.Target = reader.Take(reader.UInt16());
        entry.AttributeCount = reader.UInt16();
        entry.Attributes = CheckAttributes(ref reader, entry.AttributeCount, body);
        if (entry.Path.IsEmpty || entry.Path.Length > WireLimits.LongestPath || entry.Target.Length > WireLimits.LongestTarget)
            throw Violation.Of("the path of an entry, or the target of a link, has a length that version 1 does not allow");
        entry.CheckKind(header);
        return entry;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal readonly void Write(Span<byte> body)
    {
        WireWriter writer = new(body);
        writer.UInt32(Id);
        writer.UInt16((ushort)Flags);
        writer.UInt16((ushort)Mode);
        writer.UInt64((ulong)Length);
        WriteTime(ref writer, AccessTime);
        WriteTime(ref writer, ModifyTime);
        if (Digest.IsEmpty)
            writer.Zeros(WireLimits.DigestSize);
        else
            writer.Bytes(Digest);
        writer.UInt16((ushort)Path.Length);
        writer.Bytes(Path);
        writer.UInt16((ushort)Target.Length);
        writer.Bytes(Target);
        writer.UInt16((ushort)AttributeCount);
        writer.Bytes(Attributes);
    }

    /// <summary>32 bytes, which must be zero where no digest is announced.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static ReadOnlySpan<byte> DigestOrNothing(scoped ref WireReader reader, bool announced)
    {
        if (announced)
            return reader.Take(WireLimits.DigestSize);
        reader.Reserved(WireLimits.DigestSize);
        return default;
    }

    [MethodImpl(Compilation.AtOnce)]
    private readonly void CheckKind(in FrameHeader header)
    {
        bool isFile = header.Type == FrameType.File;
        bool isLink = header.Type == FrameType.Link;
        bool onlyOfFiles = Has(EntryFlags.Inline | EntryFlags.Whole | EntryFlags.Digest | EntryFlags.Hashed) || Length > 0;
        if ((!isFile && onlyOfFiles) || isLink == Target.IsEmpty || (isLink && AttributeCount > 0))
            throw Violation.Of($"a {header.Type} frame has what cannot be its");
        bool isInline = Has(EntryFlags.Inline);
        if (isInline ? Length != header.PayloadLength : header.PayloadLength > 0)
            throw Violation.Of($"a File frame says {Length} bytes and has {header.PayloadLength}");
        if (!isInline && Has(EntryFlags.Whole | EntryFlags.Digest))
            throw Violation.Of("an offered file has a digest already");
        if (Has(EntryFlags.Whole) ? Has(EntryFlags.Hashed) : Has(EntryFlags.Digest))
            throw Violation.Of("a file has its digest in the wrong place");
    }

    [MethodImpl(Compilation.AtOnce)]
    private static StatxTimestamp ReadTime(scoped ref WireReader reader)
    {
        StatxTimestamp time = new() { Seconds = reader.Int64(), Nanoseconds = reader.UInt32() };
        return time.Nanoseconds <= MostNanoseconds ? time : throw Violation.Of("a time has a billion nanoseconds or more");
    }

    [MethodImpl(Compilation.AtOnce)]
    private static void WriteTime(scoped ref WireWriter writer, in StatxTimestamp time)
    {
        writer.Int64(time.Seconds);
        writer.UInt32(time.Nanoseconds);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static ReadOnlySpan<byte> CheckAttributes(scoped ref WireReader reader, int count, ReadOnlySpan<byte> body)
    {
        if (count > WireLimits.MostAttributes)
            throw Violation.Of($"an entry has {count} attributes");
        int start = body.Length - reader.Left;
        for (int i = 0; i < count; i++)
            _ = EntryAttribute.Read(ref reader);
        reader.End();
        return body[start..];
    }
}
