using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>Owner, attributes, access control lists, mode and times of a directory. What cannot be set is a warning.</summary>
internal static class DirectoryMetadata
{
    private const uint AllModeBits = 0xFFF;
    private const uint PermissionBits = 0x1FF;

    [MethodImpl(Compilation.AtOnce)]
    internal static void Copy(
        Descriptor source, Descriptor destination, NativePath path, in Statx wanted, PreserveItems preserve, List<string> warnings)
    {
        if (FileMetadata.Status(destination, out Statx now) < 0)
            return;
        bool newOwner = preserve.HasFlag(PreserveItems.Ownership) && (now.User != wanted.User || now.Group != wanted.Group);
        bool ownerKept = !newOwner || SetOwner(destination, path, wanted, warnings);
        bool newAttributes = (preserve & (PreserveItems.Xattr | PreserveItems.Acl)) != 0
            && CopyAttributes(source, destination, path, preserve, warnings);
        if (preserve.HasFlag(PreserveItems.Mode))
        {
            uint mode = wanted.Mode & (preserve.HasFlag(PreserveItems.Ownership) && ownerKept ? AllModeBits : PermissionBits);
            // A new owner and a new access control list change the mode.
            if (newOwner || newAttributes || (now.Mode & AllModeBits) != mode)
                Warn(FileMetadata.SetMode(destination, mode), "fchmod", path, "mode", warnings);
        }

        // What has them already is left alone: setting them would change the time of the inode (ctime) in every run.
        if (preserve.HasFlag(PreserveItems.Timestamps) && !wanted.ModifyTime.Equals(now.ModifyTime))
            Warn(FileMetadata.SetTimes(destination, wanted.AccessTime, wanted.ModifyTime), "futimens", path, "times", warnings);
    }

    private static bool SetOwner(Descriptor destination, NativePath path, in Statx wanted, List<string> warnings)
    {
        long result = FileMetadata.SetOwner(destination, wanted.User, wanted.Group);
        if (result < 0)
            _ = FileMetadata.SetOwner(destination, MetadataCalls.Unchanged, wanted.Group);
        Warn(result, "fchown", path, "owner and group", warnings);
        return result >= 0;
    }

    /// <summary>Whether anything had to be changed.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private static bool CopyAttributes(
        Descriptor source, Descriptor destination, NativePath path, PreserveItems preserve, List<string> warnings)
    {
        Warn(ExtendedAttributes.List(source, out string[] names), "flistxattr", path, "extended attributes", warnings);
        bool changed = false;
        foreach (string name in names)
        {
            bool isList = name is ExtendedAttributes.AccessControlList or ExtendedAttributes.DefaultAccessControlList;
            if (!preserve.HasFlag(isList ? PreserveItems.Acl : PreserveItems.Xattr))
                continue;
            long result = ExtendedAttributes.Get(source, name, out byte[] value);
            if (KernelResult.ErrnoOf(result) == Errno.ENODATA || (result >= 0 && Has(destination, name, value)))
                continue;
            if (result >= 0)
                result = ExtendedAttributes.Set(destination, name, value);
            changed = true;
            Warn(result, "fsetxattr", path, $"attribute {name}", warnings);
        }

        return (preserve.HasFlag(PreserveItems.Acl) && RemoveOtherLists(destination, path, names, warnings)) || changed;
    }

    private static bool Has(Descriptor file, string name, byte[] value) =>
        ExtendedAttributes.Get(file, name, out byte[] present) == 0 && present.AsSpan().SequenceEqual(value);

    [MethodImpl(Compilation.AtOnce)]
    private static bool RemoveOtherLists(Descriptor destination, NativePath path, string[] supplied, List<string> warnings)
    {
        if (ExtendedAttributes.List(destination, out string[] present) < 0)
            return false;
        bool changed = false;
        foreach (string list in (ReadOnlySpan<string>)[ExtendedAttributes.AccessControlList, ExtendedAttributes.DefaultAccessControlList])
        {
            if (Array.IndexOf(present, list) < 0 || Array.IndexOf(supplied, list) >= 0)
                continue;
            changed = true;
            Warn(ExtendedAttributes.Remove(destination, list), "fremovexattr", path, "access control list", warnings);
        }

        return changed;
    }

    private static void Warn(long result, string call, NativePath path, string what, List<string> warnings)
    {
        if (result < 0)
            warnings.Add($"The {what} could not be kept: {call}: {KernelResult.ErrnoOf(result)} on '{path}'.");
    }
}
