using System.Diagnostics;

namespace MemTools.Transfer.Trees;

/// <summary>Counts of a run, added to by its workers.</summary>
internal sealed class TreeTotals : IPieceObserver
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _filesFound;
    private long _bytesFound;
    private long _filesDone;
    private long _bytesDone;

    /// <summary>A file under way.</summary>
    internal string? Current { get; set; }

    internal bool FoundAll { get; set; }

    internal TreeProgress Snapshot() => new(
        Volatile.Read(ref _filesFound),
        Volatile.Read(ref _bytesFound),
        Volatile.Read(ref _filesDone),
        Volatile.Read(ref _bytesDone),
        FoundAll,
        Stopwatch.GetElapsedTime(_started),
        Current);

    internal void Found(long files, long bytes)
    {
        Interlocked.Add(ref _filesFound, files);
        Interlocked.Add(ref _bytesFound, bytes);
    }

    internal void Done(long files, long bytes)
    {
        Interlocked.Add(ref _filesDone, files);
        Interlocked.Add(ref _bytesDone, bytes);
    }

    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
        Interlocked.Add(ref _bytesDone, length);

    public void Hole(long length) => Interlocked.Add(ref _bytesDone, length);
}
