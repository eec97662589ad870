using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer;

/// <summary>What may become of a destination: refused, replaced by a temporary, or written in place.</summary>
internal static class DestinationRules
{
    /// <summary>Refuses what must not be written, before anything is opened for writing.</summary>
    internal static void Check(SourceFile source, DestinationEntry entry, CopyContext context)
    {
        if (entry.Exists)
            CheckExisting(source, entry, context);
    }

    private static void CheckExisting(SourceFile source, DestinationEntry entry, CopyContext context)
    {
        if (entry.LeadsTo(source.Status))
            throw new TransferException(ErrorKind.SameFile, $"'{source.Path}' and '{entry.Path}' are the same file.");
        if (entry.Existing.IsDirectory)
            throw new TransferException(ErrorKind.IsDirectory, $"'{entry.Path}' is a directory, and a file cannot replace it.");
        if (entry.Existing.Type == Statx.TypeSocket)
            throw new TransferException(ErrorKind.Misuse, $"'{entry.Path}' is a socket, which cannot be written by name.");
        if (context.Options.Verify != VerifyMode.None
            && entry.Existing.Type is Statx.TypeFifo or Statx.TypeCharacterDevice)
        {
            throw new TransferException(
                ErrorKind.Misuse, $"'{entry.Path}' is a pipe or device that cannot be read back: -Verify cannot be used.");
        }

        if (context.HasWritten(entry))
        {
            throw new TransferException(
                ErrorKind.WouldOverwrite,
                $"'{entry.Path}' has just been written from another source, and '{source.Path}' would overwrite it. To copy into a new directory, end the destination with a slash and use -Force.");
        }

        if (context.Options.NoClobber)
            throw new TransferException(ErrorKind.AlreadyExists, $"'{entry.Path}' exists, and -NoClobber leaves it alone.");
        if (!context.Options.Force && IsReadOnly(entry))
            throw new TransferException(ErrorKind.ReadOnly, $"'{entry.Path}' is read-only. -Force replaces it.");
    }

    /// <summary>Opens what the bytes are to be written into.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static DestinationWriter OpenWriter(
        SourceFile source, DestinationEntry entry, CopyContext context, MetadataCopier metadata, CancellationToken stop)
    {
        if (entry.Exists)
            return OpenExisting(source, entry, context, metadata, stop);
        SystemCallException.Check(MakeTemporary(source, entry, context, out TemporaryFile? file), "openat", entry.Path);
        return file!;
    }

    private static DestinationWriter OpenExisting(
        SourceFile source, DestinationEntry entry, CopyContext context, MetadataCopier metadata, CancellationToken stop)
    {
        string? inPlaceBecause = ReasonToWriteInPlace(entry, context.Options);
        if (inPlaceBecause is null)
        {
            long result = MakeTemporary(source, entry, context, out TemporaryFile? file);
            if (file is not null)
            {
                if (KeepsExisting(entry, file, metadata))
                    return file;
                inPlaceBecause = "its owner, group, access control list or attributes can only be kept by writing in place";
            }
            else if (KernelResult.ErrnoOf(result) is not (Errno.EACCES or Errno.EPERM or Errno.EROFS))
            {
                SystemCallException.Check(result, "openat", entry.Path);
            }
            else
            {
                inPlaceBecause = $"nothing can be created in its directory ({KernelResult.ErrnoOf(result)})";
            }
        }

        if (context.Options.RequireAtomic)
        {
            throw new TransferException(
                ErrorKind.NotAtomic, $"'{entry.Path}' cannot be replaced in one step, as -RequireAtomic demands: {inPlaceBecause}.");
        }

        return InPlaceFile.Open(entry, context.Options.Verify != VerifyMode.None, stop);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static long MakeTemporary(SourceFile source, DestinationEntry entry, CopyContext context, out TemporaryFile? file)
    {
        PreserveItems preserve = context.Options.Preserve;
        bool replace = !context.Options.NoClobber && !entry.MustBeNew;
        uint mode = MetadataCopier.CreationMode(preserve, source.Status, entry);
        if (context.Options.Resume && source.Length >= PartialFile.KeptFrom)
            return PartialFile.TryOpen(source.Status.User, entry, mode, replace, out file);
        // Where nobody can open it before it is whole, it may have at once the mode that it is to have in the end.
        uint final = preserve.HasFlag(PreserveItems.Mode) ? MetadataCopier.PermissionsOf(source.Status) : mode;
        if (entry.Pass is { } pass)
        {
            if (source.Length is >= 0 and <= Stage.LargestFile)
                return TemporaryFile.TryCreateStaged(entry, final, context, out file);
            pass.Return(last: source.Length is < 0 or > Stage.LargestAwaited);
        }

        if (context.TriesNameless && !entry.Exists)
        {
            file = TemporaryFile.TryCreateNameless(entry, final, replace, context);
            if (file is not null)
                return 0;
        }

        long result = TemporaryFile.TryCreate(entry, mode, replace, out file);
        if (result >= 0 && !entry.Exists)
            context.TriesNameless = false;
        return result;
    }

    private static bool KeepsExisting(DestinationEntry entry, TemporaryFile file, MetadataCopier metadata)
    {
        bool keeps = false;
        try
        {
            keeps = metadata.TryKeepExisting(entry, file);
            return keeps;
        }
        finally
        {
            if (!keeps)
            {
                file.Discard();
                file.Dispose();
            }
        }
    }

    private static bool IsReadOnly(DestinationEntry entry)
    {
        const uint anyWrite = 0x92;
        if (!entry.Existing.IsRegular)
            return false;
        return (entry.Existing.Mode & anyWrite) == 0 || FileMetadata.RefusesWriting(entry.Directory, entry.Name);
    }

    /// <summary>Why renaming would change more than the content, or cannot be done; null where it is right.</summary>
    private static string? ReasonToWriteInPlace(DestinationEntry entry, FileCopyOptions options)
    {
        if (entry.Existing.IsSymlink)
            return null;
        if (options.InPlace)
            return "-InPlace was given";
        if (!entry.Existing.IsRegular)
            return "it is a device or a pipe";
        if (entry.Existing.LinkCount > 1)
            return $"it has {entry.Existing.LinkCount} hard links";
        if ((entry.Existing.Attributes & entry.Existing.AttributesMask & Statx.AttributeMountRoot) != 0)
            return "something is mounted on it";
        return null;
    }
}
