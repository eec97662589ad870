using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Brings owner, mode, times, attributes and access control lists of a file up to date whose bytes are the source's
/// already. Whether the first three need that is told by the two statuses, without a call.
/// </summary>
internal readonly struct MetadataRefresh
{
    private const uint PermissionBits = 0x1FF;
    private const uint AllModeBits = 0xFFF;

    private readonly PreserveItems _preserve;
    private readonly SkipRule _rule;
    private readonly AttributeRefresh _attributes;
    private readonly object _severalNames = new();

    internal MetadataRefresh(PreserveItems preserve, SkipRule rule, bool follow)
    {
        _preserve = preserve;
        _rule = rule;
        _attributes = new(preserve, follow);
    }

    /// <summary>Whether owner, mode or times differ.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool IsNeeded(in Statx source, in Statx destination) =>
        OwnerDiffers(source, destination) || ModeDiffers(source, destination) || TimeDiffers(source, destination);

    /// <summary>Sets what differs of a regular file.</summary>
    /// <returns>Whether anything did.</returns>
    /// <exception cref="SystemCallException">Some of it could not be set.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Apply(in TreeItem item)
    {
        bool statuses = IsNeeded(item.Source, item.Destination.Existing);
        bool attributes = _attributes.IsNeeded(item);
        if (!statuses && !attributes)
            return false;
        if (item.Destination.Existing.LinkCount == 1)
            return Apply(item, attributes);
        // Another worker may be at another name of the same file: what it has done is not done, nor counted, again.
        lock (_severalNames)
            return Apply(item, attributes);
    }

    /// <summary>By a descriptor of the very file that was looked at.</summary>
    private bool Apply(in TreeItem item, bool attributes)
    {
        ref readonly Statx source = ref item.Source;
        DestinationEntry entry = item.Destination;
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking | OpenFlags.NoTerminal;
        using Descriptor file = FileIO.Open(entry.Directory, entry.Name, flags | OpenFlags.NoFollow);
        Statx now = FileMetadata.StatusOf(file, entry.Path);
        if (!now.IsSameFile(entry.Existing))
            throw new TransferException(ErrorKind.Busy, $"'{entry.Path}' was replaced by something else at this moment: nothing of it was changed.");
        bool newOwner = OwnerDiffers(source, now);
        if (newOwner)
            SystemCallException.Check(FileMetadata.SetOwner(file, source.User, source.Group), "fchown", entry.Path);
        bool newAttributes = attributes && _attributes.Apply(item, file);
        bool newMode = ModeDiffers(source, now);
        // A change of the owner takes set-user-ID away, and an access control list has a mode of its own.
        if (newMode || ((newOwner || newAttributes) && _preserve.HasFlag(PreserveItems.Mode)))
            SystemCallException.Check(FileMetadata.SetMode(file, WantedMode(source)), "fchmod", entry.Path);
        bool newTime = TimeDiffers(source, now);
        if (newTime)
            SystemCallException.Check(FileMetadata.SetTimes(file, source.AccessTime, source.ModifyTime), "futimens", entry.Path);
        return newOwner || newAttributes || newMode || newTime;
    }

    private bool OwnerDiffers(in Statx source, in Statx destination) =>
        _preserve.HasFlag(PreserveItems.Ownership)
        && (source.User != destination.User || source.Group != destination.Group);

    private bool ModeDiffers(in Statx source, in Statx destination) =>
        _preserve.HasFlag(PreserveItems.Mode) && WantedMode(source) != (destination.Mode & ModeBits);

    private bool TimeDiffers(in Statx source, in Statx destination) =>
        _preserve.HasFlag(PreserveItems.Timestamps) && !_rule.IsSameTime(source.ModifyTime, destination.ModifyTime);

    private uint WantedMode(in Statx source) => source.Mode & ModeBits;

    /// <summary>Set-user-ID and set-group-ID are kept together with the owner alone, and never gained otherwise.</summary>
    private uint ModeBits => _preserve.HasFlag(PreserveItems.Ownership) ? AllModeBits : PermissionBits;
}
