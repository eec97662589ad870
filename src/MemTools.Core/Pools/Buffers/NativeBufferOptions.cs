namespace MemTools.Pools;

/// <summary>What a native buffer's memory is to be like.</summary>
public sealed record NativeBufferOptions
{
    /// <summary>The most that <see cref="Alignment"/> may be: 1 GiB, the largest page that processors have.</summary>
    public const long MaximumAlignment = 1L << 30;

    /// <summary>
    /// What the address of the first byte is a multiple of: a power of two up to <see cref="MaximumAlignment"/>. Without a
    /// value 16, what malloc(3) promises. O_DIRECT wants the block size of the disk, 512 or 4096.
    /// </summary>
    public long Alignment { get; init; } = 16;

    /// <summary>Whether all of it is brought into memory now and never swapped (mlock(2), RLIMIT_MEMLOCK).</summary>
    public bool Locked { get; init; }

    /// <summary>Whether it is made of huge pages from the system's reserve (MAP_HUGETLB, vm.nr_hugepages).</summary>
    public bool HugePage { get; init; }

    /// <summary>
    /// Whether all bytes are zero at first. A buffer with pages of its own always is, at no cost; a small one comes from
    /// the C library's allocator, holds what was freed there before, and is cleared only if this says so.
    /// </summary>
    public bool Zero { get; init; }

    /// <summary>What commands are to know it by; "buffer" where nothing is said, and a number where that is taken.</summary>
    public string? Name { get; init; }

    /// <summary>The buffer that a slice is of.</summary>
    internal string? Parent { get; init; }

    /// <summary>The place that a command was called at, which it knows without asking.</summary>
    internal string? MadeAt { get; init; }
}
