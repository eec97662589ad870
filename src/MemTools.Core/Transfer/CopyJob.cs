using System.Diagnostics;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>The copy of one file's content: both ends, what has been done, and who wants to know.</summary>
internal sealed class CopyJob
{
    private static readonly long ProgressTicks = Stopwatch.Frequency / 10;

    private readonly Action<TransferProgress>? _progress;
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lastProgress;
    private long _pieceBegun;

    internal CopyJob(
        CopyEnd source, CopyEnd destination, PieceSize pieces, Action<TransferProgress>? progress, CancellationToken stop)
    {
        Source = source;
        Destination = destination;
        Pieces = pieces;
        Stop = stop;
        _progress = progress;
        _lastProgress = _started;
    }

    internal CopyEnd Source { get; }

    internal CopyEnd Destination { get; }

    internal PieceSize Pieces { get; }

    internal CancellationToken Stop { get; }

    internal IReadOnlyList<IPieceObserver> Observers { get; init; } = [];

    /// <summary>Bytes there are to copy, holes included, or -1.</summary>
    internal long Total { get; init; } = -1;

    /// <summary>Whether a run covers the source from its first byte to its last.</summary>
    internal bool WholeFile { get; init; }

    /// <summary>Whether the source says that it is empty and is not, as files of /proc do.</summary>
    internal bool SourceHidesItsLength { get; init; }

    /// <summary>Leaves runs of zeros out (-Sparse Always).</summary>
    internal bool SkipZeros { get; init; }

    /// <summary>Calls of the copy loop so far.</summary>
    internal long SystemCalls { get; private set; }

    /// <summary>What threads other than the caller's did for this copy.</summary>
    internal ThreadUsage OtherThreads { get; set; }

    /// <summary>Bytes moved or shared so far.</summary>
    internal long BytesTransferred { get; private set; }

    /// <summary>Bytes done so far, passed-over holes included.</summary>
    internal long BytesDone { get; private set; }

    /// <summary>The size for the next call of a run, at most <paramref name="limit"/>.</summary>
    internal long NextPiece(in CopyRun run, long limit = PieceSize.Largest)
    {
        _pieceBegun = Stopwatch.GetTimestamp();
        return Math.Min(Math.Min(run.Remaining, Pieces.Next), limit);
    }

    internal void CountCalls(long calls) => SystemCalls += calls;

    /// <summary>Takes note of a piece that arrived, and stops here where that is asked for.</summary>
    internal void Advance(ref CopyRun run, long bytes, ReadOnlySpan<byte> content = default)
    {
        long now = Stopwatch.GetTimestamp();
        Pieces.Observe(bytes, now - _pieceBegun);
        for (int i = 0; i < Observers.Count; i++)
            Observers[i].Copied(this, run.SourceOffset, run.DestinationOffset, bytes, content);
        run.Advance(bytes);
        BytesTransferred += bytes;
        BytesDone += bytes;
        Report(now);
        Stop.ThrowIfCancellationRequested();
    }

    internal void PassHole(long length)
    {
        for (int i = 0; i < Observers.Count; i++)
            Observers[i].Hole(length);
        BytesDone += length;
        Report(Stopwatch.GetTimestamp());
        Stop.ThrowIfCancellationRequested();
    }

    /// <summary>Takes note of bytes that the destination had already.</summary>
    internal void Resume(long bytes) => BytesDone += bytes;

    /// <summary>After EAGAIN: waits for whichever end is a pipe or device. False where neither is, so nothing will change.</summary>
    internal bool WaitUntilReady()
    {
        if (!Source.HasPositions)
            Readiness.WaitToRead(Source.File, Stop);
        if (!Destination.HasPositions)
            Readiness.WaitToWrite(Destination.File, Stop);
        return !Source.HasPositions || !Destination.HasPositions;
    }

    private void Report(long now)
    {
        if (_progress is null || now - _lastProgress < ProgressTicks)
            return;
        _lastProgress = now;
        double seconds = (now - _started) / (double)Stopwatch.Frequency;
        _progress(new(Source.Path.ToString(), BytesDone, Total, BytesDone / seconds));
    }
}
