using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Sending;

/// <summary>An open source on its way, and what its entry says.</summary>
internal sealed class SendingEntry
{
    private const uint PermissionBits = 0x1FF;
    private const uint SpecialBits = 0xE00;

    private readonly SendOptions _options;
    private readonly bool _again;
    private readonly byte[] _attributes = [];
    private readonly int _attributeCount;

    [MethodImpl(Compilation.AtOnce)]
    internal SendingEntry(SourceFile source, SentItem item, SendOptions options, bool again)
    {
        Source = source;
        Item = item;
        _options = options;
        _again = again;
        item.Length = Math.Max(source.Length, 0);
        List<string>? warnings = null;
        if (options.Preserve.HasFlag(PreserveItems.Xattr))
            (_attributes, _attributeCount) = SentAttributes.Read(source.File, source.Path, ref warnings);
        if (options.Preserve.HasFlag(PreserveItems.Mode) && (source.Status.Mode & SpecialBits) != 0)
            (warnings ??= []).Add($"The set-user-ID, set-group-ID or sticky bit of '{source.Path}' was not sent: another host is not to gain it.");
        item.Warnings = warnings;
    }

    internal SourceFile Source { get; }

    internal SentItem Item { get; }

    [MethodImpl(Compilation.AtOnce)]
    internal Entry Entry(EntryFlags flags)
    {
        Entry entry = new()
        {
            Id = Item.Id,
            Flags = flags | (_again ? EntryFlags.Again : 0),
            Length = Item.Length,
            Path = SendRun.WirePathOf(Item.Destination),
            Attributes = _attributes,
            AttributeCount = _attributeCount,
        };
        SetMetadata(ref entry, Source.Status, _options.Preserve);
        return entry;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal static void SetMetadata(ref Entry entry, in Statx status, PreserveItems preserve)
    {
        if (preserve.HasFlag(PreserveItems.Mode))
        {
            entry.Flags |= EntryFlags.Mode;
            entry.Mode = status.Mode & PermissionBits;
        }

        if (!preserve.HasFlag(PreserveItems.Timestamps))
            return;
        entry.Flags |= EntryFlags.Times;
        entry.AccessTime = status.AccessTime;
        entry.ModifyTime = status.ModifyTime;
    }

    /// <summary>Finds out whether the source was still what it was when opened, now that it has been sent.</summary>
    internal EndOutcome Judge(EndOutcome outcome)
    {
        Statx now = FileMetadata.StatusOf(Source.File, Source.Path);
        if (outcome == EndOutcome.SourceTruncated || (outcome == EndOutcome.Complete && now.Length < Source.Length))
        {
            Item.Error = Truncated(Source.Path, Source.Length);
            return EndOutcome.SourceTruncated;
        }

        bool changed = now.Length != Source.Length || !now.ModifyTime.Equals(Source.Status.ModifyTime);
        if (outcome != EndOutcome.Complete || !changed)
            return outcome;
        return Changed() ? EndOutcome.SourceChanged : EndOutcome.Complete;
    }

    /// <summary>Takes note of a source that cannot be read.</summary>
    internal EndOutcome Unreadable(SystemCallException error)
    {
        Item.Error = new(error.Kind, error.Message + ".", error);
        return EndOutcome.SourceUnreadable;
    }

    /// <summary>Takes note of a source that grew or was modified. True where that is an error.</summary>
    internal bool Changed()
    {
        Item.SourceChanged = true;
        string what = $"'{Source.Path}' was modified or grew while it was sent";
        if (_options.RequireStable)
        {
            Item.Error = new(ErrorKind.SourceChanged, what + ".");
            return true;
        }

        (Item.Warnings ??= []).Add($"{what}; what arrived has the length that it had at first, and may mix old bytes with new.");
        return false;
    }

    internal static TransferException Truncated(NativePath path, long length) => new(
        ErrorKind.SourceTruncated, $"'{path}' became shorter while it was sent: it had {length} bytes. Nothing was put under its name.");
}
