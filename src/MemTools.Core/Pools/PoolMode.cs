namespace MemTools.Pools;

/// <summary>What keeps a fixed pool from its shortest path.</summary>
[Flags]
internal enum PoolMode
{
    /// <summary>A list of free blocks and nothing else.</summary>
    Plain = 0,

    /// <summary>Threads have caches.</summary>
    Concurrent = 1,

    /// <summary>Blocks are zeroed.</summary>
    Zero = 2,

    /// <summary>Blocks are watched.</summary>
    Guard = 4,

    /// <summary>A thread has taken the list of free blocks for a session.</summary>
    Session = 8,

    /// <summary>The pool is gone.</summary>
    Closed = 16,

    /// <summary>Where each block was rented is kept.</summary>
    Track = 32,
}
