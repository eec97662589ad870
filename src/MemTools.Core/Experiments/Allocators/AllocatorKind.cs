namespace MemTools.Experiments;

/// <summary>Where the blocks of a comparison come from.</summary>
public enum AllocatorKind
{
    /// <summary>The program break: sbrk(2) up for a block, down again when the last one is released. One thread only.</summary>
    Brk,

    /// <summary>One mmap(2) and one munmap(2) for each block.</summary>
    Mmap,

    /// <summary>malloc(3) and free(3) of the C library.</summary>
    Malloc,

    /// <summary>malloc of gperftools' tcmalloc, preloaded.</summary>
    TCMalloc,

    /// <summary>malloc of jemalloc, preloaded.</summary>
    Jemalloc,

    /// <summary>malloc of mimalloc, preloaded.</summary>
    Mimalloc,

    /// <summary>.NET's NativeMemory.Alloc and Free: the C library's malloc as .NET programs call it.</summary>
    NativeMemory,

    /// <summary>.NET's ArrayPool&lt;byte&gt;.Shared: arrays that are rented and returned.</summary>
    ArrayPool,

    /// <summary>A new array on the garbage collector's heap for each block; releasing it is forgetting it.</summary>
    ManagedArray,

    /// <summary>A fixed pool of this module, one with caches for threads where there are several: checked blocks, rented and disposed.</summary>
    FixedPool,

    /// <summary>A size-class pool of this module: checked blocks, rented and disposed.</summary>
    SizeClassPool,
}
