using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>How files are copied. The defaults are those of Copy-FileZeroCopy.</summary>
public sealed record FileCopyOptions
{
    /// <summary>The method; one named is used or refused, never replaced by another.</summary>
    public CopyMethod Method { get; init; } = CopyMethod.Auto;

    /// <summary>The first byte to copy, from 0. Only for sources that have positions.</summary>
    public long Offset { get; init; }

    /// <summary>The most bytes to copy, or null for all there are.</summary>
    public long? Length { get; init; }

    /// <summary>Replaces read-only destinations and creates missing parent directories.</summary>
    public bool Force { get; init; }

    /// <summary>Leaves existing destinations alone, without a moment in which one could slip in between.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Writes into the existing destination instead of replacing it.</summary>
    public bool InPlace { get; init; }

    /// <summary>Fails where the destination could only be written in place.</summary>
    public bool RequireAtomic { get; init; }

    /// <summary>What the destination takes from the source besides its bytes.</summary>
    public PreserveItems Preserve { get; init; } = PreserveItems.Mode | PreserveItems.Timestamps;

    /// <summary>What becomes of holes.</summary>
    public SparseMode Sparse { get; init; }

    /// <summary>How the destination is checked.</summary>
    public VerifyMode Verify { get; init; }

    /// <summary>Puts the file and its name on the disk before the copy counts as done (fsync(2)).</summary>
    public bool Flush { get; init; }

    /// <summary>What the copy leaves in the page cache.</summary>
    public CachePolicy CachePolicy { get; init; }

    /// <summary>Fails where the source was modified while it was copied, instead of warning.</summary>
    public bool RequireStable { get; init; }

    /// <summary>
    /// Keeps a large file that was not finished, under a hidden name beside the destination, and goes on from what of
    /// it is the same as the source.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>The sentence that says which options contradict each other, or null.</summary>
    public string? Contradiction => this switch
    {
        { InPlace: true, RequireAtomic: true } => "-InPlace and -RequireAtomic contradict each other: writing in place is not atomic.",
        { InPlace: true, NoClobber: true } => "-InPlace and -NoClobber contradict each other: one writes into what exists, the other leaves it alone.",
        { InPlace: true, Resume: true } => "-InPlace and -Resume contradict each other: what is written in place is not kept beside the destination.",
        { Offset: < 0 } => "-Offset cannot be negative.",
        { Length: < 0 } => "-Length cannot be negative.",
        { Sparse: SparseMode.Always, Method: not (CopyMethod.Auto or CopyMethod.ReadWrite) } =>
            $"-Sparse Always has to look at the bytes, which {Method} never shows: use -Method ReadWrite or Auto.",
        { Sparse: SparseMode.Never, Method: CopyMethod.Reflink or CopyMethod.CopyFileRange } =>
            $"-Sparse Never cannot be promised with {Method}, which may share the source's holes: use Sendfile, Splice, Mmap, DirectIO or ReadWrite.",
        _ => null,
    };
}
