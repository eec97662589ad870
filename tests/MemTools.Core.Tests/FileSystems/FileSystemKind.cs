namespace MemTools.Tests.FileSystems;

/// <summary>The file systems that are made and mounted for tests.</summary>
public enum FileSystemKind
{
    Ext4,

    /// <summary>ext4 whose blocks are smaller than a page.</summary>
    Ext4SmallBlocks,

    /// <summary>No extents, times in seconds, no file beyond 16 GiB.</summary>
    Ext2,

    XfsReflink,

    XfsPlain,

    Btrfs,

    Tmpfs,

    /// <summary>In memory without extended attributes.</summary>
    Ramfs,

    /// <summary>Layers of a tmpfs.</summary>
    Overlay,

    /// <summary>No owners, modes, attributes or holes, and no file of 4 GiB.</summary>
    Vfat,

    /// <summary>A server in user space that knows neither O_TMPFILE nor SEEK_HOLE: fuse2fs.</summary>
    Fuse,
}
