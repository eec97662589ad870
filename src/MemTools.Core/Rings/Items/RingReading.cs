using System.Text;

namespace MemTools.Rings;

/// <summary>What somebody wants to read from a ring.</summary>
internal sealed record RingReading
{
    /// <summary>What to take out at a time.</summary>
    internal RingUnit Unit { get; init; }

    /// <summary>How much at most, in bytes, lines, records or objects; null for all that is there.</summary>
    internal long? Count { get; init; }

    /// <summary>Leaves it in the ring.</summary>
    internal bool Peek { get; init; }

    /// <summary>Goes on until the ring is completed and empty.</summary>
    internal bool Follow { get; init; }

    /// <summary>How long to wait for the next; null for ever when following, and not at all when not.</summary>
    internal TimeSpan? Timeout { get; init; }

    /// <summary>Makes text of bytes; null for bytes as they are.</summary>
    internal Encoding? Encoding { get; init; }

    /// <summary>For how much it waits.</summary>
    internal long WaitsFor => Follow ? long.MaxValue : Timeout is null ? 0 : Count ?? 1;
}
