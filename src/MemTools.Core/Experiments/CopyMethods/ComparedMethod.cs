namespace MemTools.Experiments.CopyMethods;

/// <summary>The methods that a comparison runs, in the order in which textbooks improve on them.</summary>
public enum ComparedMethod
{
    /// <summary>read(2) and write(2) through a buffer.</summary>
    ReadWrite,

    /// <summary>mmap(2) of the source and write(2) from the mapping.</summary>
    Mmap,

    /// <summary>sendfile(2).</summary>
    Sendfile,

    /// <summary>splice(2) into a pipe and out of it.</summary>
    Splice,

    /// <summary>copy_file_range(2): file to file only.</summary>
    CopyFileRange,

    /// <summary>O_DIRECT on both sides: file to file only.</summary>
    DirectIO,

    /// <summary>ioctl_ficlone(2): both files share the blocks.</summary>
    Reflink,
}
