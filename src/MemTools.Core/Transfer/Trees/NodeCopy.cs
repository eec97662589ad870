using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Symbolic links, FIFOs, sockets and devices, which are made again rather than copied. What stands in their place is
/// replaced in one step: made under another name, then renamed.
/// </summary>
internal static class NodeCopy
{
    private const uint AllModeBits = 0xFFF;
    private const uint PermissionBits = 0x1FF;

    internal static FileTransferResult Symlink(
        TreeLease lease, NativePath name, DestinationEntry entry, in Statx status, FileCopyOptions options)
    {
        long started = Stopwatch.GetTimestamp();
        NativePath path = lease.SourcePath.Append(name);
        SystemCallException.Check(DirectoryEntries.ReadLink(lease.Source, name, out NativePath target), "readlinkat", path);
        Statx source = status;
        List<string> warnings = [];
        Place(entry, options.NoClobber, "symlinkat", made =>
        {
            long result = DirectoryEntries.MakeSymlink(entry.Directory, made, target);
            if (result >= 0)
                SetOwnerAndTimes(entry, made, source, options.Preserve, warnings);
            return result;
        });
        return TreeResults.Of(
            path, entry.Path, "Copied", Statx.TypeSymlink, 0, entry.Exists ? "Renamed" : "New", started, warnings: List(warnings));
    }

    /// <summary>Makes a symbolic link whose target and times somebody else read.</summary>
    internal static void PlaceSymlink(
        DestinationEntry entry, NativePath target, bool replace, (StatxTimestamp Access, StatxTimestamp Modify)? times, List<string> warnings) =>
        Place(entry, !replace, "symlinkat", made =>
        {
            long result = DirectoryEntries.MakeSymlink(entry.Directory, made, target);
            if (result >= 0 && times is { } kept)
                Warn(FileMetadata.SetTimes(entry.Directory, made, kept.Access, kept.Modify), "utimensat", entry, "times", warnings);
            return result;
        });

    internal static FileTransferResult Special(
        TreeLease lease, NativePath name, DestinationEntry entry, in Statx status, FileCopyOptions options)
    {
        long started = Stopwatch.GetTimestamp();
        NativePath path = lease.SourcePath.Append(name);
        Statx source = status;
        List<string> warnings = [];
        Place(entry, options.NoClobber, "mknodat", made =>
        {
            const uint leftToUmask = 0x1B6;
            bool keepsMode = options.Preserve.HasFlag(PreserveItems.Mode);
            bool ownerKept = options.Preserve.HasFlag(PreserveItems.Ownership);
            uint mode = keepsMode ? source.Mode & (ownerKept ? AllModeBits : PermissionBits) : leftToUmask;
            long result = DirectoryEntries.MakeNode(entry.Directory, made, source.Type | (mode & PermissionBits), DeviceOf(source));
            if (result < 0)
                return result;
            SetOwnerAndTimes(entry, made, source, options.Preserve & ~PreserveItems.Timestamps, warnings);
            if (keepsMode)
                Warn(FileMetadata.SetMode(entry.Directory, made, mode), "fchmodat", entry, "mode", warnings);
            SetOwnerAndTimes(entry, made, source, options.Preserve & PreserveItems.Timestamps, warnings);
            return result;
        });
        return TreeResults.Of(
            path, entry.Path, "Copied", status.Type, 0, entry.Exists ? "Renamed" : "New", started, warnings: List(warnings));
    }

    /// <summary>Makes something new under the entry's name, or under another that is then renamed over what is there.</summary>
    private static void Place(DestinationEntry entry, bool noClobber, string call, Func<NativePath, long> make)
    {
        if (!entry.Exists)
        {
            long made = make(entry.Name);
            if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
            {
                SystemCallException.Check(made, call, entry.Path);
                return;
            }

            if (entry.MustBeNew)
                throw NameClaims.TakenForOne(entry.Path);
        }

        if (entry.Exists && entry.Existing.IsDirectory)
            throw new TransferException(ErrorKind.IsDirectory, $"'{entry.Path}' is a directory, and a file cannot replace it.");
        if (noClobber)
            throw new TransferException(ErrorKind.AlreadyExists, $"'{entry.Path}' exists, and -NoClobber leaves it alone.");
        NativePath temporary = TemporaryName.For(entry.Name);
        SystemCallException.Check(make(temporary), call, entry.Path);
        long renamed = DirectoryEntries.Rename(entry.Directory, temporary, entry.Name, replace: true);
        if (renamed < 0)
            _ = DirectoryEntries.Remove(entry.Directory, temporary);
        SystemCallException.Check(renamed, "renameat2", entry.Path);
    }

    private static void SetOwnerAndTimes(
        DestinationEntry entry, NativePath made, in Statx source, PreserveItems preserve, List<string> warnings)
    {
        if (preserve.HasFlag(PreserveItems.Ownership))
            Warn(FileMetadata.SetOwner(entry.Directory, made, source.User, source.Group), "fchownat", entry, "owner and group", warnings);
        if (preserve.HasFlag(PreserveItems.Timestamps))
            Warn(FileMetadata.SetTimes(entry.Directory, made, source.AccessTime, source.ModifyTime), "utimensat", entry, "times", warnings);
    }

    /// <summary>The number of a device as the call takes it (new_encode_dev of the kernel).</summary>
    private static uint DeviceOf(in Statx source)
    {
        uint minor = source.SpecialDeviceMinor;
        return (minor & 0xFF) | (source.SpecialDeviceMajor << 8) | ((minor & ~0xFFu) << 12);
    }

    private static void Warn(long result, string call, DestinationEntry entry, string what, List<string> warnings)
    {
        if (result < 0)
            warnings.Add($"The {what} could not be kept: {call}: {KernelResult.ErrnoOf(result)} on '{entry.Path}'.");
    }

    private static ResultList<string> List(List<string> warnings) => warnings.Count == 0 ? ResultList<string>.None : new(warnings);
}
