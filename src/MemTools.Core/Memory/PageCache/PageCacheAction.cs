namespace MemTools.Memory;

/// <summary>What to do with a file's pages.</summary>
public enum PageCacheAction
{
    /// <summary>Bring them into memory, and wait for that.</summary>
    Load,

    /// <summary>Write what is dirty to the disk, then take them out of memory.</summary>
    Evict,
}
