namespace MemTools.Memory;

/// <summary>What a Sync-MappedFile did.</summary>
public sealed class MappedFileSyncResult
{
    internal MappedFileSyncResult()
    {
    }

    /// <summary>The mapping's name.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>In the mapping, of the first byte, in bytes.</summary>
    public long Offset { get; init; }

    /// <summary>In bytes.</summary>
    public long Length { get; init; }

    /// <summary>Whether it waited until all was on the disk.</summary>
    public bool Waited { get; init; }

    /// <summary>Bytes of the range's pages that were to be written (cachestat(2)); null where the kernel does not tell.</summary>
    public long? DirtyBytesBefore { get; init; }

    /// <summary>The same afterwards: pages that others wrote meanwhile, or all whose writing was only begun.</summary>
    public long? DirtyBytesAfter { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan Elapsed { get; init; }
}
