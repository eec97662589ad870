namespace MemTools.Rings;

/// <summary>What becomes of a file that is there already when a ring is drained to it.</summary>
internal enum RingFileMode
{
    /// <summary>It is left alone, and that is an error.</summary>
    New,

    /// <summary>What the ring has is put behind it.</summary>
    Append,

    /// <summary>What the ring has takes the place of its content.</summary>
    Replace,
}
