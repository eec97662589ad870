using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// Where a session's copies go: into a directory under the sources' names, or to one file. As Copy-Item reads it, the
/// destination is a directory where one stands there; only a link that the user named is followed.
/// </summary>
internal sealed class DestinationFolder : IDisposable
{
    internal static readonly NativePath Itself = NativePath.From("."u8);

    private DestinationFolder(Descriptor directory, NativePath path, NativePath? fileName)
    {
        Directory = directory;
        Path = path;
        FileName = fileName;
    }

    /// <summary>The directory, opened by path alone (O_PATH): good for names in it, not for listing.</summary>
    internal Descriptor Directory { get; }

    internal NativePath Path { get; }

    /// <summary>The name that the one source takes; null where sources keep their own.</summary>
    internal NativePath? FileName { get; }

    /// <summary>Opens the directory that will hold the copies.</summary>
    /// <param name="destination">The path that the user gave; a slash at its end asks for a directory.</param>
    /// <param name="createMissing">Creates missing directories (-Force).</param>
    internal static DestinationFolder Open(string destination, bool createMissing)
    {
        NativePath path = NativePath.From(destination);
        bool wantsDirectory = destination.EndsWith('/');
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, path, 0, out Statx status);
        if (found == 0 && status.IsDirectory)
            return OpenDirectory(path, fileName: null);
        if (found == 0)
            return wantsDirectory ? throw NotADirectory(path) : OpenForFile(path);
        if (KernelResult.ErrnoOf(found) != Errno.ENOENT)
            SystemCallException.Check(found, "statx", path);
        RefuseDangling(path);
        RefuseLostName(destination);
        if (wantsDirectory && !createMissing)
        {
            throw new TransferException(
                ErrorKind.NotFound, $"The directory '{path}' does not exist. -Force creates it.");
        }

        NativePath directory = wantsDirectory ? path : path.Parent;
        EnsureDirectory(directory, createMissing);
        return OpenDirectory(directory, wantsDirectory ? null : path.Name);
    }

    /// <summary>The entry that a source of this name becomes.</summary>
    internal DestinationEntry Entry(NativePath sourceName) => new(Directory, Path, FileName ?? sourceName);

    public void Dispose() => Directory.Dispose();

    private static DestinationFolder OpenForFile(NativePath path)
    {
        // The link that the user named is followed to the file that is to be replaced.
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, path, MetadataCalls.AtNoFollow, out Statx self);
        SystemCallException.Check(found, "statx", path);
        if (self.IsSymlink)
            path = Target(path);
        return OpenDirectory(path.Parent, path.Name);
    }

    private static NativePath Target(NativePath link)
    {
        SystemCallException.Check(DirectoryEntries.Resolve(link, out NativePath target), "realpath", link);
        return target;
    }

    private static DestinationFolder OpenDirectory(NativePath path, NativePath? fileName) =>
        new(FileIO.Open(Descriptor.WorkingDirectory, path, OpenFlags.PathOnly | OpenFlags.Directory), path, fileName);

    private static void RefuseDangling(NativePath path)
    {
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, path, MetadataCalls.AtNoFollow, out Statx self);
        if (KernelResult.ErrnoOf(found) == Errno.ENOENT)
            return;
        SystemCallException.Check(found, "statx", path);
        if (self.IsSymlink)
        {
            throw new TransferException(
                ErrorKind.DanglingSymlink,
                $"'{path}' is a symbolic link that leads nowhere. Remove it, or name the file that it should lead to.");
        }
    }

    /// <summary>.NET decodes bytes that are not UTF-8 to U+FFFD; a new file of that name is not what was asked for.</summary>
    private static void RefuseLostName(string destination)
    {
        if (destination.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new TransferException(
                ErrorKind.NameNotUtf8,
                $"'{destination}' cannot be created: its name holds bytes that are not UTF-8, which .NET replaced by U+FFFD. Choose another name.");
        }
    }

    private static void EnsureDirectory(NativePath directory, bool createMissing)
    {
        long found = FileMetadata.Status(Descriptor.WorkingDirectory, directory, 0, out Statx status);
        if (found == 0 && !status.IsDirectory)
            throw NotADirectory(directory);
        if (found == 0)
            return;
        if (KernelResult.ErrnoOf(found) != Errno.ENOENT)
            SystemCallException.Check(found, "statx", directory);
        if (!createMissing)
        {
            throw new TransferException(
                ErrorKind.NotFound, $"The directory '{directory}' does not exist. -Force creates it.");
        }

        SystemCallException.Check(DirectoryEntries.MakeAll(directory), "mkdirat", directory);
    }

    private static TransferException NotADirectory(NativePath path) =>
        new(ErrorKind.NotDirectory, $"'{path}' is a file, and a directory is wanted there.");
}
