namespace MemTools.Pools;

/// <summary>A block that is out.</summary>
public sealed class RentedBlock
{
    /// <summary>The pool's name.</summary>
    public required string Pool { get; init; }

    /// <summary>Of its first byte.</summary>
    public required ulong Address { get; init; }

    /// <summary>In bytes.</summary>
    public required long Length { get; init; }

    /// <summary>Where it was rented: calls, the innermost first; null where the pool does not keep that.</summary>
    public string? RentedAt { get; init; }

    /// <summary>The number of the rent in the pool's life, from 1; null where the pool does not keep that.</summary>
    public long? RentNumber { get; init; }
}
