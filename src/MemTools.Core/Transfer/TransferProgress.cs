namespace MemTools.Transfer;

/// <summary>How far one file is.</summary>
/// <param name="Source">Path of the source.</param>
/// <param name="BytesDone">Bytes copied so far, passed-over holes included.</param>
/// <param name="BytesTotal">Bytes there are, or -1 where only the end will tell.</param>
/// <param name="BytesPerSecond">The rate since the file was begun.</param>
public readonly record struct TransferProgress(string Source, long BytesDone, long BytesTotal, double BytesPerSecond)
{
    /// <summary>The part that is done, 0 to 100, or -1 where the total is not known.</summary>
    public int Percent => BytesTotal switch
    {
        < 0 => -1,
        0 => 100,
        _ => (int)Math.Min(100, BytesDone * 100.0 / BytesTotal),
    };

    /// <summary>Time left at this rate, or null where it cannot be told.</summary>
    public TimeSpan? Remaining => BytesTotal >= 0 && BytesPerSecond > 0
        ? TimeSpan.FromSeconds(Math.Min((BytesTotal - BytesDone) / BytesPerSecond, TimeSpan.MaxValue.TotalSeconds / 2))
        : null;
}
