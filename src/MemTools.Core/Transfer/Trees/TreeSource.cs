using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>A source that a user named: the directory in which it stands, open, and its name there.</summary>
internal sealed class TreeSource : IDisposable
{
    private Descriptor? _directory;

    private TreeSource(Descriptor directory, NativePath path, NativePath copyName, in Statx status)
    {
        _directory = directory;
        Path = path;
        CopyName = copyName;
        Status = status;
    }

    internal NativePath Path { get; }

    internal NativePath DirectoryPath => Path.Parent;

    internal NativePath Name => Path.Name;

    /// <summary>The name of its copy: the one that the user knows it by.</summary>
    internal NativePath CopyName { get; }

    /// <summary>What it is; what it leads to where links are followed.</summary>
    internal Statx Status { get; }

    /// <summary>Opens a source's directory. Links on the way to it are followed, as the user named them.</summary>
    /// <param name="source">The path.</param>
    /// <param name="follow">Whether the source itself is followed where it is a link.</param>
    internal static TreeSource Open(string source, bool follow)
    {
        NativePath path = NativePath.From(source);
        NativePath copyName = path.Name;
        bool isDots = copyName.Bytes.SequenceEqual("."u8) || copyName.Bytes.SequenceEqual(".."u8);
        if (isDots || source.EndsWith('/'))
        {
            SystemCallException.Check(DirectoryEntries.Resolve(path, out path), "realpath", NativePath.From(source));
            copyName = isDots ? path.Name : copyName;
        }

        if (path.Name.IsEmpty)
            throw new TransferException(ErrorKind.Misuse, "'/' has no name that its copy could have: name the directories below it.");
        Descriptor directory = FileIO.Open(Descriptor.WorkingDirectory, path.Parent, OpenFlags.PathOnly | OpenFlags.Directory);
        long found = FileMetadata.Status(directory, path.Name, follow ? 0 : MetadataCalls.AtNoFollow, out Statx status);
        if (found < 0)
            directory.Dispose();
        if (KernelResult.ErrnoOf(found) == Errno.ENOENT && source.Contains('\uFFFD', StringComparison.Ordinal))
            throw FileCopySession.LostName(source, null);
        SystemCallException.Check(found, "statx", path);
        return new(directory, path, copyName, status);
    }

    /// <summary>The directory, which is then the caller's to dispose.</summary>
    internal Descriptor Detach()
    {
        Descriptor directory = _directory!;
        _directory = null;
        return directory;
    }

    public void Dispose() => _directory?.Dispose();
}
