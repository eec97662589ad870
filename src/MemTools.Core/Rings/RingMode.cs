namespace MemTools.Rings;

/// <summary>What a byte ring keeps apart.</summary>
public enum RingMode
{
    /// <summary>Nothing: bytes come out in the order they went in, in pieces of any size.</summary>
    Stream,

    /// <summary>Each write: it comes out whole, as one record, or not at all. A prefix of four bytes holds its length.</summary>
    Record,
}
