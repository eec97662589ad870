namespace MemTools.Memory;

/// <summary>What pagemap says of one page (Documentation/admin-guide/mm/pagemap.rst of the kernel).</summary>
internal readonly record struct PageMapEntry(ulong Bits)
{
    private const int FrameBits = 55;
    private const int SwapTypeBits = 5;
    private const int SoftDirtyBit = 55;
    private const int ExclusiveBit = 56;
    private const int WriteProtectedBit = 57;
    private const int FileOrSharedBit = 61;
    private const int SwappedBit = 62;
    private const int PresentBit = 63;

    internal bool IsPresent => Has(PresentBit);

    internal bool IsSwapped => Has(SwappedBit);

    internal bool IsFileOrShared => Has(FileOrSharedBit);

    internal bool IsExclusive => Has(ExclusiveBit);

    internal bool IsSoftDirty => Has(SoftDirtyBit);

    /// <summary>By userfaultfd(2).</summary>
    internal bool IsWriteProtected => Has(WriteProtectedBit);

    /// <summary>Of a page that is present; 0 where the reader lacks CAP_SYS_ADMIN.</summary>
    internal ulong Frame => Bits & ((1UL << FrameBits) - 1);

    /// <summary>Of a page that is swapped out: the number of the swap area.</summary>
    internal int SwapType => (int)(Bits & ((1UL << SwapTypeBits) - 1));

    /// <summary>Of a page that is swapped out: which page of the area; 0 with the type where the reader lacks CAP_SYS_ADMIN.</summary>
    internal long SwapOffset => (long)(Frame >> SwapTypeBits);

    private bool Has(int bit) => (Bits >> bit & 1) != 0;
}
