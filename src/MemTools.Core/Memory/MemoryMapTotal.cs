namespace MemTools.Memory;

/// <summary>Sums over the regions of one kind, or over all. Lengths are bytes; null is what this kernel does not tell.</summary>
public sealed class MemoryMapTotal
{
    /// <summary>The process.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The kind of the regions, or <c>Total</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>How many regions.</summary>
    public required int Regions { get; init; }

    /// <summary>Bytes of address space.</summary>
    public required long Size { get; init; }

    /// <summary>Rss: bytes in memory, whoever else has them too.</summary>
    public required long? ResidentBytes { get; init; }

    /// <summary>Pss: the same, each page divided by the number of processes that map it.</summary>
    public required long? ProportionalBytes { get; init; }

    /// <summary>Resident bytes of pages that no other process maps.</summary>
    public required long? PrivateBytes { get; init; }

    /// <summary>Resident bytes of pages that other processes map too.</summary>
    public required long? SharedBytes { get; init; }

    /// <summary>Resident bytes that differ from what the disk has.</summary>
    public required long? DirtyBytes { get; init; }

    /// <summary>Bytes in huge pages of any sort.</summary>
    public required long? HugeBytes { get; init; }

    /// <summary>Bytes in the swap area.</summary>
    public required long? SwapBytes { get; init; }

    /// <summary>Bytes locked into memory.</summary>
    public required long? LockedBytes { get; init; }
}
