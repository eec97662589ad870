namespace MemTools.Transfer;

/// <summary>How the bytes get from the source to the destination.</summary>
public enum CopyMethod
{
    /// <summary>The first that works of Reflink, CopyFileRange, Sendfile, Splice and ReadWrite.</summary>
    Auto,

    /// <summary>Both files share the blocks until one is written: ioctl_ficlone(2). One file system that can (btrfs, xfs).</summary>
    Reflink,

    /// <summary>copy_file_range(2): the file system copies, on the server where it is remote.</summary>
    CopyFileRange,

    /// <summary>sendfile(2): from the page cache straight into the destination.</summary>
    Sendfile,

    /// <summary>splice(2), twice: pages move through a pipe.</summary>
    Splice,

    /// <summary>mmap(2) of the source and write(2) from the mapping.</summary>
    Mmap,

    /// <summary>O_DIRECT on both sides: past the page cache, two buffers in flight.</summary>
    DirectIO,

    /// <summary>read(2) and write(2) through a buffer: works everywhere.</summary>
    ReadWrite,
}
