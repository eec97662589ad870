using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer;

/// <summary>A name in a directory that is to become a copy, and what stands there now.</summary>
internal sealed class DestinationEntry
{
    private readonly FileStatus _existing = FileStatus.None;
    private readonly NativePath _directoryPath;
    private NativePath? _path;

    [MethodImpl(Compilation.AtOnce)]
    internal DestinationEntry(Descriptor directory, NativePath directoryPath, NativePath name)
    {
        Directory = directory;
        Name = name;
        _directoryPath = directoryPath;
        long result = FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx existing);
        if (KernelResult.ErrnoOf(result) is not (Errno.None or Errno.ENOENT))
            SystemCallException.Check(result, "statx", Path);
        Exists = result == 0;
        if (Exists)
            _existing = new(existing);
    }

    [MethodImpl(Compilation.AtOnce)]
    private DestinationEntry(Descriptor directory, NativePath directoryPath, NativePath name, bool mustBeNew, bool isUnasked = false)
    {
        IsUnasked = isUnasked;
        Directory = directory;
        Name = name;
        _directoryPath = directoryPath;
        MustBeNew = mustBeNew;
    }

    private DestinationEntry(NativePath stream)
    {
        Directory = Descriptor.None;
        _directoryPath = NativePath.Empty;
        Name = stream;
        _path = stream;
    }

    internal Descriptor Directory { get; }

    internal NativePath Name { get; }

    internal NativePath Path => _path ??= _directoryPath.Append(Name);

    internal bool Exists { get; }

    /// <summary>
    /// Whether it stands in a directory that this run has just made, so that nothing of its name can be there: unless
    /// the file system takes two names of the source for one.
    /// </summary>
    internal bool MustBeNew { get; }

    /// <summary>Whether nobody has looked what stands there: that shows when the name is taken.</summary>
    internal bool IsUnasked { get; }

    /// <summary>Permission to make it under its own name, for its directory has none yet; else null.</summary>
    internal StagePass? Pass { get; set; }

    /// <summary>The status of what stands there, not followed where that is a symbolic link.</summary>
    internal ref readonly Statx Existing => ref _existing.Value;

    /// <summary>An entry of a directory that has just been made, or that does not exist: nothing stands there.</summary>
    internal static DestinationEntry Missing(Descriptor directory, NativePath directoryPath, NativePath name) =>
        new(directory, directoryPath, name, mustBeNew: true);

    /// <summary>A stream, which stands in no directory.</summary>
    internal static DestinationEntry OfStream(NativePath name) => new(name);

    /// <summary>An entry of which nobody asks what stands there before the new file takes its place.</summary>
    internal static DestinationEntry Unasked(Descriptor directory, NativePath directoryPath, NativePath name) =>
        new(directory, directoryPath, name, mustBeNew: false, isUnasked: true);

    /// <summary>Whether it leads to a file: itself, or by way of a link.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool LeadsTo(in Statx file)
    {
        if (!Exists)
            return false;
        if (!Existing.IsSymlink)
            return Existing.IsSameFile(file);
        return FileMetadata.Status(Directory, Name, 0, out Statx target) == 0 && target.IsSameFile(file);
    }
}
