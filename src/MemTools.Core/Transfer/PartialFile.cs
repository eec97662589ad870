using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Jobs;

namespace MemTools.Transfer;

/// <summary>
/// Opens the unfinished file of -Resume, the one that an interrupted run left or a new one. Nothing is believed of
/// it: what is gone on from has been compared with the source, so nothing about the source has to be recorded.
/// </summary>
internal static class PartialFile
{
    /// <summary>Smaller files are copied anew sooner than they are compared.</summary>
    internal const long KeptFrom = 4 * 1024 * 1024;

    private const int MostTries = 100;

    /// <summary>Opens it, locked; where another run is at work on it, an ordinary temporary.</summary>
    /// <param name="sourceUser">Whose the source is; null where that is not known here.</param>
    /// <param name="entry">The destination.</param>
    /// <param name="mode">Permission bits, before umask.</param>
    /// <param name="replace">False where a destination that appears meanwhile is to be left alone.</param>
    /// <param name="file">The file, or null where the result is an errno.</param>
    internal static long TryOpen(uint? sourceUser, DestinationEntry entry, uint mode, bool replace, out TemporaryFile? file)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.NonBlocking;
        NativePath name = PartialName.For(entry.Name);
        for (int i = 0; i < MostTries; i++)
        {
            file = null;
            long result = FileIO.TryOpen(entry.Directory, name, flags | OpenFlags.NoFollow, mode, out Descriptor? opened);
            if (result >= 0 && KernelResult.ErrnoOf(FileIO.TryLock(opened!)) == Errno.EAGAIN)
            {
                opened!.Dispose();
                break;
            }

            if (result >= 0 && IsUsable(opened!, sourceUser, entry, out Statx status))
            {
                // With the lock held: its owner may have finished and renamed it meanwhile.
                if (IsNamed(status, entry.Directory, name))
                {
                    file = TemporaryFile.Partial(opened!, entry, name, replace, status);
                    return 0;
                }

                opened!.Dispose();
                continue;
            }

            opened?.Dispose();
            // A link, a pipe, a stranger's file: out of the way with it. A directory stays, and an ordinary temporary does.
            if (result < 0 && KernelResult.ErrnoOf(result) is not (Errno.ELOOP or Errno.EISDIR or Errno.ENXIO or Errno.EACCES))
                return result;
            if (DirectoryEntries.Remove(entry.Directory, name) < 0)
                break;
        }

        return TemporaryFile.TryCreate(entry, mode, replace, out file);
    }

    /// <summary>
    /// Whether it is a file that no stranger can have open for writing: made by this user, or given already to whom the
    /// destination belongs.
    /// </summary>
    private static bool IsUsable(Descriptor file, uint? sourceUser, DestinationEntry entry, out Statx status)
    {
        if (FileMetadata.Status(file, out status) < 0 || !status.IsRegular || status.LinkCount > 1)
            return false;
        return status.User == ProcessCalls.EffectiveUser() || status.User == sourceUser
            || (entry.Exists && status.User == entry.Existing.User);
    }

    private static bool IsNamed(in Statx file, Descriptor directory, NativePath name) =>
        FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx named) == 0 && named.IsSameFile(file);
}
