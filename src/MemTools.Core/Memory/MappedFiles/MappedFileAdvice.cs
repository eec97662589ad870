namespace MemTools.Memory;

/// <summary>How a mapped file is going to be used, for the kernel's reading ahead (madvise(2), posix_fadvise(2)).</summary>
public enum MappedFileAdvice
{
    /// <summary>The kernel watches and decides.</summary>
    Normal,

    /// <summary>Here and there: nothing is read ahead.</summary>
    Random,

    /// <summary>From the beginning to the end: much is read ahead.</summary>
    Sequential,

    /// <summary>All of it, soon: reading begins at once, in the background.</summary>
    WillNeed,
}
