using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// Gives a destination what -Preserve names of the source and keeps the rest of what an existing one had. What cannot
/// be set is a warning, not a failure: the bytes are there.
/// </summary>
internal sealed class MetadataCopier
{
    private const uint PermissionBits = 0x1FF;
    private const uint AllModeBits = 0xFFF;
    private const string Capabilities = "security.capability";

    /// <summary>Belong to the content that was, or to the access control list, which is handled apart.</summary>
    private static readonly string[] NeverKept =
        [Capabilities, "security.ima", "security.evm", ExtendedAttributes.AccessControlList];

    private readonly PreserveItems _preserve;
    private readonly List<string> _warnings;
    private readonly CopyContext _context;

    /// <summary>Whether a call since its creation may have changed the mode of the destination.</summary>
    private bool _modeMayDiffer;

    internal MetadataCopier(CopyContext context, List<string> warnings)
    {
        _preserve = context.Options.Preserve;
        _context = context;
        _warnings = warnings;
    }

    internal static uint PermissionsOf(in Statx source) => source.Mode & PermissionBits;

    /// <summary>The mode with which to create a temporary: never more than the destination will allow in the end.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static uint CreationMode(PreserveItems preserve, in Statx source, DestinationEntry entry)
    {
        const uint ownerOnly = 0x180;
        const uint leftToUmask = 0x1B6;
        bool keepsMode = preserve.HasFlag(PreserveItems.Mode);
        // A symbolic link that is replaced has nothing to keep: what comes is a new file.
        bool keepsExisting = entry.Exists && entry.Existing.IsRegular;
        if (!keepsMode && !keepsExisting)
            return leftToUmask;
        bool ownerMayChange = keepsExisting || (preserve & (PreserveItems.Ownership | PreserveItems.Acl)) != 0;
        return ownerMayChange ? ownerOnly : source.Mode & PermissionBits;
    }

    /// <summary>
    /// Gives a temporary the owner, group, access control list and attributes of the file that it will replace, as
    /// far as the source does not supply them. False where this user may not: then only writing in place keeps them.
    /// A call that broke (EIO, ENOSPC) is no reason to write in place, and throws.
    /// </summary>
    internal bool TryKeepExisting(DestinationEntry entry, TemporaryFile file)
    {
        if (!entry.Existing.IsRegular)
            return true;
        ref readonly Statx existing = ref entry.Existing;
        bool sameOwner = file.Status.User == existing.User && file.Status.Group == existing.Group;
        if (!Preserves(PreserveItems.Ownership) && !sameOwner
            && !IsAllowed(FileMetadata.SetOwner(file.File, existing.User, existing.Group), "fchown", entry))
            return false;
        int flags = OpenFlags.ReadOnly | OpenFlags.NoFollow;
        long opened = FileIO.TryOpen(entry.Directory, entry.Name, flags, 0, out Descriptor? old);
        if (!IsAllowed(opened, "openat", entry))
            return false;
        using (old)
            return TryKeepAttributes(old!, file.File, entry);
    }

    /// <summary>Sets what the source supplies, in the order in which the kernel undoes the least: times last.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Apply(SourceFile source, DestinationWriter destination, DestinationEntry entry)
    {
        bool ownerKept = !Preserves(PreserveItems.Ownership) || SetOwner(source, destination);
        // A list among the attributes shows in their listing; where that was not asked for, the list itself is.
        bool sourceHasList = true;
        if (Preserves(PreserveItems.Xattr))
            CopyAttributes(source, destination, ownerKept, out sourceHasList);
        if (Preserves(PreserveItems.Acl))
            CopyAccessControlList(source, destination, entry, sourceHasList);
        SetMode(source, destination, entry, Preserves(PreserveItems.Ownership) && ownerKept);
        if (Preserves(PreserveItems.Timestamps))
        {
            Statx times = source.Status;
            Warn(FileMetadata.SetTimes(destination.File, times.AccessTime, times.ModifyTime), "futimens", destination, "times");
        }
    }

    private bool TryKeepAttributes(Descriptor from, Descriptor to, DestinationEntry entry)
    {
        if (!IsAllowed(ExtendedAttributes.List(from, out string[] names), "flistxattr", entry))
            return false;
        if (!Preserves(PreserveItems.Acl) && !TryKeepAccessControlList(from, to, names, entry))
            return false;
        return names.Except(NeverKept)
            .Where(name => !Preserves(PreserveItems.Xattr) || BelongsToSystem(name))
            .All(name => TryKeepAttribute(from, to, name, entry));
    }

    /// <summary>Labels that the system gave to the file that stands there, and no part of what a user copies.</summary>
    private static bool BelongsToSystem(string name) =>
        name.StartsWith("security.", StringComparison.Ordinal) || name.StartsWith("system.", StringComparison.Ordinal);

    private static bool TryKeepAccessControlList(Descriptor from, Descriptor to, string[] names, DestinationEntry entry)
    {
        const string list = ExtendedAttributes.AccessControlList;
        // A directory's default list goes to every new file in it, the temporary too.
        return Array.IndexOf(names, list) >= 0
            ? TryKeepAttribute(from, to, list, entry)
            : IsAllowed(ExtendedAttributes.Remove(to, list), "fremovexattr", entry);
    }

    private static bool TryKeepAttribute(Descriptor from, Descriptor to, string name, DestinationEntry entry) =>
        IsAllowed(ExtendedAttributes.Get(from, name, out byte[] value), "fgetxattr", entry)
        && IsAllowed(ExtendedAttributes.Set(to, name, value), "fsetxattr", entry);

    /// <summary>False where this user may not, or the file system cannot; throws where something broke.</summary>
    private static bool IsAllowed(long result, string call, DestinationEntry entry)
    {
        bool refused = KernelResult.ErrnoOf(result) is Errno.EPERM or Errno.EACCES or Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENODATA;
        if (!refused)
            SystemCallException.Check(result, call, entry.Path);
        return !refused;
    }

    private bool Preserves(PreserveItems items) => (_preserve & items) == items;

    [MethodImpl(Compilation.AtOnce)]
    private bool SetOwner(SourceFile source, DestinationWriter destination)
    {
        Statx wanted = source.Status;
        if (destination is TemporaryFile file && file.Status.User == wanted.User && file.Status.Group == wanted.Group)
            return true;
        _modeMayDiffer = true;
        long result = FileMetadata.SetOwner(destination.File, wanted.User, wanted.Group);
        if (result < 0)
        {
            // Without privilege the group alone may still be possible: any of the user's own.
            _ = FileMetadata.SetOwner(destination.File, MetadataCalls.Unchanged, wanted.Group);
        }

        Warn(result, "fchown", destination, "owner and group");
        return result >= 0;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void SetMode(SourceFile source, DestinationWriter destination, DestinationEntry entry, bool ownerIsSources)
    {
        uint wanted;
        if (Preserves(PreserveItems.Mode))
            wanted = source.Status.Mode & (ownerIsSources ? AllModeBits : PermissionBits);
        else if (entry.Exists && entry.Existing.IsRegular)
            wanted = entry.Existing.Mode & PermissionBits;
        else
            return;
        if (CurrentMode(destination, entry) == wanted)
            return;
        long result = FileMetadata.SetMode(destination.File, wanted);
        Warn(result, "fchmod", destination, "mode");
        if (result >= 0)
            WarnOfLostMode(destination, wanted);
    }

    /// <summary>vfat takes any mode and keeps none; the kernel clears set-group-ID for who is not in the group.</summary>
    private void WarnOfLostMode(DestinationWriter destination, uint wanted)
    {
        if (FileMetadata.Status(destination.File, out Statx now) < 0 || (now.Mode & AllModeBits) == wanted)
            return;
        string asked = Convert.ToString(wanted, 8);
        string kept = Convert.ToString(now.Mode & AllModeBits, 8);
        _warnings.Add($"The mode could not be kept: '{destination.Path}' has {kept} where {asked} was set.");
    }

    /// <summary>The mode so far: as created, where nothing since then can have changed it; else asked for.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private uint? CurrentMode(DestinationWriter destination, DestinationEntry entry)
    {
        if (!entry.Exists && !_modeMayDiffer && destination is TemporaryFile file)
            return file.Status.Mode & AllModeBits;
        return FileMetadata.Status(destination.File, out Statx now) == 0 ? now.Mode & AllModeBits : null;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void CopyAttributes(SourceFile source, DestinationWriter destination, bool ownerKept, out bool hasList)
    {
        long listed = ExtendedAttributes.List(source.File, out string[] names);
        hasList = listed < 0 || Array.IndexOf(names, ExtendedAttributes.AccessControlList) >= 0;
        Warn(listed, "flistxattr", destination, "extended attributes");
        foreach (string name in names)
        {
            bool gainsPrivilege = name == Capabilities && !(Preserves(PreserveItems.Ownership) && ownerKept);
            if (name == ExtendedAttributes.AccessControlList || gainsPrivilege)
                continue;
            long result = ExtendedAttributes.Get(source.File, name, out byte[] value);
            // ENODATA: removed a moment ago.
            if (KernelResult.ErrnoOf(result) == Errno.ENODATA)
                continue;
            if (result >= 0)
                result = ExtendedAttributes.Set(destination.File, name, value);
            _modeMayDiffer = true;
            Warn(result, "fsetxattr", destination, $"attribute {name}");
        }

        if (listed >= 0 && destination is InPlaceFile)
            RemoveOtherAttributes(destination, names);
    }

    /// <summary>What an existing file has and the source lacks goes, as it does where the file is replaced.</summary>
    private void RemoveOtherAttributes(DestinationWriter destination, string[] supplied)
    {
        Warn(ExtendedAttributes.List(destination.File, out string[] present), "flistxattr", destination, "extended attributes");
        foreach (string name in present.Except(supplied).Where(name => !BelongsToSystem(name)))
        {
            long result = ExtendedAttributes.Remove(destination.File, name);
            if (result < 0)
                _warnings.Add($"The attribute {name} could not be removed: fremovexattr: {KernelResult.ErrnoOf(result)} on '{destination.Path}'.");
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private void CopyAccessControlList(SourceFile source, DestinationWriter destination, DestinationEntry entry, bool sourceHasList)
    {
        long result = -(long)Errno.ENODATA;
        byte[] value = [];
        if (sourceHasList)
            result = ExtendedAttributes.Get(source.File, ExtendedAttributes.AccessControlList, out value);
        bool hasNone = KernelResult.ErrnoOf(result) is Errno.ENODATA or Errno.EOPNOTSUPP;
        if (hasNone && !MayHaveList(destination, entry))
            return;
        _modeMayDiffer = true;
        if (result >= 0)
            result = ExtendedAttributes.Set(destination.File, ExtendedAttributes.AccessControlList, value);
        else if (hasNone)
            result = ExtendedAttributes.Remove(destination.File, ExtendedAttributes.AccessControlList);
        Warn(result, "fsetxattr", destination, "access control list");
    }

    /// <summary>A new file has a list only where its directory has one for new files.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool MayHaveList(DestinationWriter destination, DestinationEntry entry) =>
        destination is not TemporaryFile { IsFresh: true } || _context.GivesLists(entry.Directory);

    private void Warn(long result, string call, DestinationWriter destination, string what)
    {
        if (result < 0)
            _warnings.Add($"The {what} could not be kept: {call}: {KernelResult.ErrnoOf(result)} on '{destination.Path}'.");
    }
}
