namespace MemTools.Rings;

/// <summary>How a byte ring is made.</summary>
public sealed record ByteRingOptions
{
    /// <summary>Bytes that it holds at least. Rounded up to a power of two and to a page of the machine.</summary>
    public long Capacity { get; init; } = 1024 * 1024;

    /// <summary>Whether it keeps writes apart.</summary>
    public RingMode Mode { get; init; }

    /// <summary>What a write does where there is no room.</summary>
    public RingFullAction WhenFull { get; init; }

    /// <summary>What commands know it by; with a number after it where another ring has that name.</summary>
    public string Name { get; init; } = "ring";
}
