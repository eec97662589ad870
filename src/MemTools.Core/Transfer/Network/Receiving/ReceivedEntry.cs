using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>What is to be kept of an entry when its frame is gone.</summary>
internal sealed class ReceivedEntry
{
    [MethodImpl(Compilation.AtOnce)]
    internal ReceivedEntry(in Entry entry)
    {
        Id = entry.Id;
        Flags = entry.Flags;
        Mode = entry.Mode;
        Length = entry.Length;
        AccessTime = entry.AccessTime;
        ModifyTime = entry.ModifyTime;
        Digest = entry.Digest.IsEmpty ? null : entry.Digest.ToArray();
        Path = NativePath.From(entry.Path);
        AttributeCount = entry.AttributeCount;
        Attributes = entry.Attributes.IsEmpty ? [] : entry.Attributes.ToArray();
    }

    internal uint Id { get; }

    internal EntryFlags Flags { get; }

    internal uint Mode { get; }

    internal long Length { get; }

    internal StatxTimestamp AccessTime { get; }

    internal StatxTimestamp ModifyTime { get; }

    internal byte[]? Digest { get; }

    internal NativePath Path { get; }

    internal int AttributeCount { get; }

    internal byte[] Attributes { get; }

    internal bool Has(EntryFlags flag) => (Flags & flag) != 0;
}
