using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>The body of a File, Folder or Link frame, every field as the test wants it, possible or not.</summary>
internal sealed class WireEntry
{
    internal const ushort Inline = 1;
    internal const ushort Whole = 2;
    internal const ushort HasDigest = 4;
    internal const ushort HasMode = 8;
    internal const ushort HasTimes = 16;
    internal const ushort Again = 32;
    internal const ushort Hashed = 64;

    internal uint Id { get; set; } = 1;

    internal ushort Flags { get; set; }

    internal ushort Mode { get; set; }

    internal ulong Length { get; set; }

    internal long AccessSeconds { get; set; }

    internal uint AccessNanoseconds { get; set; }

    internal long ModifySeconds { get; set; }

    internal uint ModifyNanoseconds { get; set; }

    internal byte[] Digest { get; set; } = new byte[32];

    internal byte[] Path { get; set; } = [];

    internal byte[] Target { get; set; } = [];

    internal List<(byte[] Name, byte[] Value)> Attributes { get; } = [];

    /// <summary>Another number of attributes than there are.</summary>
    internal ushort? AttributeCount { get; set; }

    /// <summary>What comes behind the entry in its frame: nothing may.</summary>
    internal byte[] Behind { get; set; } = [];

    /// <summary>A small file whose content is the payload of its frame.</summary>
    internal static WireEntry Small(uint id, string path, byte[] content) => Small(id, Encoding.UTF8.GetBytes(path), content);

    internal static WireEntry Small(uint id, byte[] path, byte[] content) => new()
    {
        Id = id,
        Flags = Inline | Whole | HasDigest,
        Length = (ulong)content.Length,
        Digest = SHA256.HashData(content),
        Path = path,
    };

    /// <summary>A large file that is offered.</summary>
    internal static WireEntry Offer(uint id, string path, ulong length) => new() { Id = id, Length = length, Path = Encoding.UTF8.GetBytes(path) };

    internal static WireEntry Link(uint id, string path, string target) =>
        new() { Id = id, Path = Encoding.UTF8.GetBytes(path), Target = Encoding.UTF8.GetBytes(target) };

    internal static WireEntry Folder(uint id, string path, ushort? mode = null) =>
        new() { Id = id, Path = Encoding.UTF8.GetBytes(path), Mode = mode ?? 0, Flags = mode is null ? (ushort)0 : HasMode };

    internal byte[] ToBytes()
    {
        using MemoryStream body = new();
        body.Write(WireFrames.UInt32(Id));
        body.Write(WireFrames.UInt16(Flags));
        body.Write(WireFrames.UInt16(Mode));
        body.Write(WireFrames.UInt64(Length));
        Time(body, AccessSeconds, AccessNanoseconds);
        Time(body, ModifySeconds, ModifyNanoseconds);
        body.Write(Digest);
        body.Write(WireFrames.UInt16(Path.Length));
        body.Write(Path);
        body.Write(WireFrames.UInt16(Target.Length));
        body.Write(Target);
        body.Write(WireFrames.UInt16(AttributeCount ?? Attributes.Count));
        foreach ((byte[] name, byte[] value) in Attributes)
        {
            body.Write(WireFrames.UInt16(name.Length));
            body.Write(WireFrames.UInt16(value.Length));
            body.Write(name);
            body.Write(value);
        }

        body.Write(Behind);
        return body.ToArray();
    }

    private static void Time(MemoryStream body, long seconds, uint nanoseconds)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, seconds);
        body.Write(bytes);
        body.Write(WireFrames.UInt32(nanoseconds));
    }
}
