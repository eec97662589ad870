using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>The names of the files and folders in a folder, which stays open.</summary>
internal sealed class FolderContent : IDisposable
{
    private FolderContent(NativePath path) => Path = path;

    internal NativePath Path { get; }

    internal Descriptor? Directory { get; private set; }

    internal List<NativePath> Files { get; } = [];

    internal List<NativePath> Folders { get; } = [];

    /// <summary>Why some or all could not be listed, or null.</summary>
    internal Exception? Failure { get; private set; }

    internal static FolderContent Read(NativePath path, bool follow)
    {
        FolderContent content = new(path);
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | (follow ? 0 : OpenFlags.NoFollow);
        long opened = FileIO.TryOpen(Descriptor.WorkingDirectory, path, flags, 0, out Descriptor? directory);
        content.Directory = directory;
        content.Note("openat", opened);
        if (directory is null)
            return content;
        content.Note("getdents64", DirectoryEntries.List(directory, content.Add));
        content.Files.Sort(Compare);
        content.Folders.Sort(Compare);
        return content;
    }

    public void Dispose() => Directory?.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Compare(NativePath one, NativePath other) => one.Bytes.SequenceCompareTo(other.Bytes);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(ReadOnlySpan<byte> name, byte type)
    {
        if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
            return;
        NativePath path = NativePath.From(name);
        if (type == DirectoryCalls.EntryTypeUnknown)
            type = TypeOf(path);
        if (type == DirectoryCalls.EntryTypeRegular)
            Files.Add(path);
        else if (type == DirectoryCalls.EntryTypeDirectory)
            Folders.Add(path);
    }

    /// <summary>Some file systems leave the type out.</summary>
    private byte TypeOf(NativePath name)
    {
        if (FileMetadata.Status(Directory!, name, MetadataCalls.AtNoFollow, out Statx status) < 0)
            return DirectoryCalls.EntryTypeUnknown;
        if (status.IsRegular)
            return DirectoryCalls.EntryTypeRegular;
        return status.IsDirectory ? DirectoryCalls.EntryTypeDirectory : DirectoryCalls.EntryTypeUnknown;
    }

    private void Note(string call, long result)
    {
        if (result < 0)
            Failure = new SystemCallException(call, KernelResult.ErrnoOf(result), Path.ToString());
    }
}
