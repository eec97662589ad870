using MemTools.Kernel;
using MemTools.Native;
using MemTools.Tests.Support;
using MemTools.Transfer;

namespace MemTools.Tests.FileSystems;

/// <summary>What each file system is known to do, and what has to be asked of this kernel.</summary>
internal static class FileSystemTraits
{
    internal static FileSystemKind[] All { get; } = Enum.GetValues<FileSystemKind>();

    internal static CopyMethod[] Methods { get; } = [.. Enum.GetValues<CopyMethod>().Where(method => method != CopyMethod.Auto)];

    internal static TheoryData<FileSystemKind> Kinds => [.. All];

    internal static bool SharesBlocks(FileSystemKind kind) => kind is FileSystemKind.XfsReflink or FileSystemKind.Btrfs;

    /// <summary>Whether SEEK_HOLE finds the holes of its files.</summary>
    internal static bool ShowsHoles(FileSystemKind kind) =>
        kind is not (FileSystemKind.Vfat or FileSystemKind.Fuse or FileSystemKind.Ramfs);

    /// <summary>Whether a file system has a limit up to which it can be filled.</summary>
    internal static bool HasLimit(FileSystemKind kind) => kind is not FileSystemKind.Ramfs;

    /// <summary>Whether a method is worth trying on a kind: direct I/O depends on the kernel with some.</summary>
    internal static bool MayOffer(FileSystemKind kind, CopyMethod method) => method switch
    {
        CopyMethod.Reflink => SharesBlocks(kind),
        CopyMethod.DirectIO => StatesAlignmentSinceLong(kind),
        _ => true,
    };

    /// <summary>Whether a method works between two files of one folder.</summary>
    internal static bool Offers(FileSystemKind kind, CopyMethod method, string folder) => method switch
    {
        CopyMethod.Reflink => SharesBlocks(kind),
        CopyMethod.DirectIO => OffersDirectIO(kind, folder),
        _ => true,
    };

    /// <summary>
    /// ext4 and XFS on any kernel that can tell, where the method must not be refused; ext2 where ext4 serves it;
    /// memory never. Of the others it is the kernel that knows.
    /// </summary>
    private static bool OffersDirectIO(FileSystemKind kind, string folder)
    {
        bool states = StatesAlignment(folder);
        Skip.If(
            StatesAlignmentSinceLong(kind) && kind != FileSystemKind.Ext2 && !states,
            "this kernel does not tell how direct I/O must be aligned");
        return states && kind is not (FileSystemKind.Tmpfs or FileSystemKind.Ramfs);
    }

    private static bool StatesAlignmentSinceLong(FileSystemKind kind) => kind is FileSystemKind.Ext4
        or FileSystemKind.Ext4SmallBlocks or FileSystemKind.Ext2 or FileSystemKind.XfsReflink or FileSystemKind.XfsPlain;

    private static bool StatesAlignment(string folder)
    {
        string probe = Path.Combine(folder, "alignment-probe");
        File.WriteAllBytes(probe, [1]);
        using Descriptor file = FileFacts.Open(probe, OpenFlags.ReadOnly);
        File.Delete(probe);
        Assert.Equal(0, FileMetadata.Status(file, out Statx status, Statx.DirectIOAlignment));
        return (status.Mask & Statx.DirectIOAlignment) != 0 && status.DirectOffsetAlignment > 0;
    }
}
