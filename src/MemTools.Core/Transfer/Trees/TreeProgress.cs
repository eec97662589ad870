namespace MemTools.Transfer.Trees;

/// <summary>How far a tree is, at one moment.</summary>
/// <param name="FilesFound">Files that the walk has come across so far.</param>
/// <param name="BytesFound">Their bytes.</param>
/// <param name="FilesDone">Files done, failed or left out.</param>
/// <param name="BytesDone">Bytes copied or left out so far, of files under way too.</param>
/// <param name="FoundAll">Whether the walk has seen the whole tree, so that what is found is the total.</param>
/// <param name="Elapsed">Time since the copy began.</param>
/// <param name="Current">A file under way, or null.</param>
public readonly record struct TreeProgress(
    long FilesFound, long BytesFound, long FilesDone, long BytesDone, bool FoundAll, TimeSpan Elapsed, string? Current)
{
    /// <summary>Bytes a second so far.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? BytesDone / Elapsed.TotalSeconds : 0;

    /// <summary>The part of the bytes that is done, 0 to 100, or -1 while the total is not known.</summary>
    public int Percent => !FoundAll || BytesFound == 0 ? -1 : (int)Math.Min(100, BytesDone * 100.0 / BytesFound);

    /// <summary>Time left at this rate, or null while it cannot be told.</summary>
    public TimeSpan? Remaining => FoundAll && BytesPerSecond > 0
        ? TimeSpan.FromSeconds(Math.Max(0, BytesFound - BytesDone) / BytesPerSecond)
        : null;
}
