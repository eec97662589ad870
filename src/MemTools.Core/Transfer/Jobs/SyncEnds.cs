using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>The two folders of a job, open, after everything was refused that must not be done.</summary>
internal sealed class SyncEnds : IDisposable
{
    private SyncEnds(Descriptor source, NativePath sourcePath, Descriptor? destination, NativePath destinationPath)
    {
        Source = source;
        SourcePath = sourcePath;
        Destination = destination;
        DestinationPath = destinationPath;
    }

    internal Descriptor Source { get; }

    internal NativePath SourcePath { get; }

    /// <summary>Null only where nothing is to be made and the folder does not exist.</summary>
    internal Descriptor? Destination { get; }

    internal NativePath DestinationPath { get; }

    /// <summary>Opens both, and makes the destination where it is missing.</summary>
    internal static SyncEnds Open(string source, string destination, FolderSyncOptions options)
    {
        NativePath from = NativePath.From(source);
        NativePath to = NativePath.From(destination);
        Descriptor sourceFolder = OpenFolder(from, "source");
        Descriptor? destinationFolder = null;
        try
        {
            RefuseEmpty(sourceFolder, from, options);
            destinationFolder = OpenDestination(to, options);
            if (destinationFolder is not null)
                RefuseOverlap(sourceFolder, from, destinationFolder, to, options.Delete);
            return new(sourceFolder, from, destinationFolder, to);
        }
        catch
        {
            sourceFolder.Dispose();
            destinationFolder?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        Source.Dispose();
        Destination?.Dispose();
    }

    private static Descriptor OpenFolder(NativePath path, string what)
    {
        long result = FileIO.TryOpen(Descriptor.WorkingDirectory, path, OpenFlags.ReadOnly | OpenFlags.Directory, 0, out Descriptor? folder);
        return KernelResult.ErrnoOf(result) switch
        {
            Errno.None => folder!,
            Errno.ENOENT => throw new TransferException(ErrorKind.NotFound, $"The {what} '{path}' does not exist: nothing was changed."),
            Errno.ENOTDIR => throw new TransferException(ErrorKind.NotDirectory, $"The {what} '{path}' is a file, and a folder is wanted."),
            Errno errno => throw new SystemCallException("openat", errno, path.ToString()),
        };
    }

    private static Descriptor? OpenDestination(NativePath path, FolderSyncOptions options)
    {
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, path, 0, out _);
        if (KernelResult.ErrnoOf(found) != Errno.ENOENT)
            return OpenFolder(path, "destination");
        if (options.Tree.PlanOnly)
            return null;
        long made = options.Tree.File.Force
            ? DirectoryEntries.MakeAll(path)
            : DirectoryEntries.Make(Descriptor.WorkingDirectory, path, 0x1FF);
        if (KernelResult.ErrnoOf(made) == Errno.ENOENT)
            throw new TransferException(ErrorKind.NotFound, $"The folder '{path.Parent}' does not exist. -Force creates it.");
        if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
            SystemCallException.Check(made, "mkdirat", path);
        return OpenFolder(path, "destination");
    }

    /// <summary>An empty source is more often a disk that is not mounted than a wish to remove everything.</summary>
    private static void RefuseEmpty(Descriptor source, NativePath path, FolderSyncOptions options)
    {
        if (!options.Delete)
            return;
        ProtectedNames names = new(options.Tree);
        bool empty = true;
        using Descriptor listing = FileIO.Open(source, DestinationFolder.Itself, OpenFlags.ReadOnly | OpenFlags.Directory);
        long listed = DirectoryEntries.List(listing, (name, type) =>
        {
            bool dots = name.SequenceEqual("."u8) || name.SequenceEqual(".."u8);
            empty &= dots || names.Contain(NativePath.From(name), type == DirectoryCalls.EntryTypeDirectory);
        });
        SystemCallException.Check(listed, "getdents64", path);
        if (empty)
        {
            throw new TransferException(
                ErrorKind.DeletionRefused,
                $"The source '{path}' is empty, and -Delete would remove everything from the destination: nothing was changed. Is something not mounted there?");
        }
    }

    private static void RefuseOverlap(
        Descriptor source, NativePath from, Descriptor destination, NativePath to, bool delete)
    {
        Statx sourceStatus = FileMetadata.StatusOf(source, from);
        Statx destinationStatus = FileMetadata.StatusOf(destination, to);
        if (sourceStatus.IsSameFile(destinationStatus))
            throw new TransferException(ErrorKind.SameFile, $"'{from}' and '{to}' are the same folder.");
        if (Ancestors.Contain(destination, sourceStatus))
            throw new TransferException(ErrorKind.Misuse, $"'{to}' lies in '{from}': a tree cannot be copied into itself.");
        if (delete && Ancestors.Contain(source, destinationStatus))
            throw new TransferException(ErrorKind.Misuse, $"'{from}' lies in '{to}', and -Delete would remove the source itself.");
    }
}
