using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>A block of a guarded pool in or around which somebody wrote who may not.</summary>
public sealed class BlockDamage
{
    /// <summary>The pool's name.</summary>
    public required string Pool { get; init; }

    /// <summary>Of the block's first byte.</summary>
    public required ulong Address { get; init; }

    /// <summary>Of the block, in bytes.</summary>
    public required long Length { get; init; }

    /// <summary>WrittenPastEnd, WrittenBefore or WrittenAfterReturn.</summary>
    public required string Damage { get; init; }

    /// <summary>The first byte that was changed, from the beginning of the block; negative for one before it.</summary>
    public required long Offset { get; init; }

    /// <summary>Where the block was rented last; null where it never was.</summary>
    public string? RentedAt { get; init; }

    /// <summary>Where it was returned last; null where it is rented, or never was.</summary>
    public string? ReturnedAt { get; init; }

    internal MemToolsException ToException() => new(ErrorKind.BlockDamaged, ToString());

    /// <summary>For people.</summary>
    public override string ToString()
    {
        string what = Damage switch
        {
            "WrittenPastEnd" => $"Somebody wrote past the end of the block at 0x{Address:x} ({Length} bytes), at offset {Offset}.",
            "WrittenBefore" => $"Somebody wrote before the beginning of the block at 0x{Address:x}, at offset {Offset}.",
            _ => $"Somebody wrote into the block at 0x{Address:x} while it was not rented, at offset {Offset}.",
        };
        string rented = RentedAt is null ? " It has never been rented." : $" It was rented at {RentedAt}.";
        string returned = Damage == "WrittenAfterReturn" && ReturnedAt is not null ? $" It was returned at {ReturnedAt}." : string.Empty;
        return $"Pool '{Pool}': {what}{rented}{returned}";
    }
}
