namespace MemTools.Rings;

/// <summary>What is read from a ring at a time.</summary>
internal enum RingUnit
{
    /// <summary>What the ring keeps: bytes, records or objects.</summary>
    Any,

    /// <summary>A line of text.</summary>
    Line,

    /// <summary>A record.</summary>
    Record,
}
