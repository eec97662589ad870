using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>The copy of one file's content: both ends, what has been done, and who wants to know.</summary>
internal sealed class CopyJob
{
    /// <summary>PIPE_BUF: what a pipe or terminal that poll(2) calls ready takes without waiting.</summary>
    private const long AtOnceWithoutWaiting = 4096;

    /// <summary>
    /// A stream takes what its buffers have room for, however much is offered. Calls that move less than they were asked say
    /// nothing about how long larger ones take, so these are bounded from the beginning: a quarter of a second of a disk of
    /// sixteen megabytes a second. Not less, since each end of a call sends off what fills no packet yet: with 1 MiB sender
    /// and receiver took two fifths more time of the processor.
    /// </summary>
    private const long LargestToStream = 4 * 1024 * 1024;

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

    /// <summary>Bytes that a source that cannot be read again had given when the destination failed.</summary>
    internal long BytesLost { get; private set; }

    /// <summary>Takes note of bytes that were taken from the source and did not reach the destination.</summary>
    internal void Lose(long bytes)
    {
        if (!Source.HasPositions)
            BytesLost += bytes;
    }

    /// <summary>The size for the next call of a run, at most <paramref name="limit"/>.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal long NextPiece(in CopyRun run, long limit = PieceSize.Largest)
    {
        if (Source.WaitsInCalls)
            WaitToRead();
        if (Destination.WaitsInCalls)
        {
            WaitToWrite();
            limit = Math.Min(limit, AtOnceWithoutWaiting);
        }

        if (!Destination.HasPositions)
            limit = Math.Min(limit, LargestToStream);

        _pieceBegun = Stopwatch.GetTimestamp();
        return Math.Min(Math.Min(run.Remaining, Pieces.Next), limit);
    }

    internal void CountCalls(long calls) => SystemCalls += calls;

    /// <summary>Takes note of a piece that arrived, and stops here where that is asked for.</summary>
    [MethodImpl(Compilation.AtOnce)]
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

    /// <summary>What a failed call was about, for messages.</summary>
    internal string Subject(in CallFailure failure) => failure.Subject switch
    {
        CallSubject.Source => Source.Path.ToString(),
        CallSubject.Destination => Destination.Path.ToString(),
        _ when ErrnoMapping.KindOf(failure.Errno) is ErrorKind.NoSpace or ErrorKind.FileTooLarge or ErrorKind.Disconnected
            or ErrorKind.Unreachable => Destination.Path.ToString(),
        _ => $"{Source.Path}' to '{Destination.Path}",
    };

    /// <summary>The error of a call that failed in the middle.</summary>
    internal TransferException Failed(in CallFailure failure)
    {
        SystemCallException inner = new(failure.Call!, failure.Errno, Subject(failure));
        return new(inner.Kind, $"{inner.Message}; {BytesTransferred} bytes were done.", inner)
        {
            BytesTransferred = BytesTransferred,
        };
    }

    /// <summary>
    /// After EAGAIN: waits for whichever end is a pipe, socket or device. False where neither is, so nothing will change.
    /// </summary>
    /// <exception cref="TransferException">An end kept still for longer than it may.</exception>
    internal bool WaitUntilReady()
    {
        if (!Source.HasPositions)
            WaitToRead();
        if (!Destination.HasPositions)
            WaitToWrite();
        return !Source.HasPositions || !Destination.HasPositions;
    }

    /// <summary>After EAGAIN from the source alone.</summary>
    internal bool WaitForSource()
    {
        if (!Source.HasPositions)
            WaitToRead();
        return !Source.HasPositions;
    }

    /// <summary>
    /// After EAGAIN from the destination alone. The source, which has given its bytes, may have no more before these have
    /// arrived, so it is not waited for.
    /// </summary>
    internal bool WaitForDestination()
    {
        if (!Destination.HasPositions)
            WaitToWrite();
        return !Destination.HasPositions;
    }

    private void WaitToRead()
    {
        if (!Readiness.WaitToRead(Source.File, Stop, Source.IdleLimit))
            throw KeptStill(Source, "sent");
    }

    private void WaitToWrite()
    {
        if (!Readiness.WaitToWrite(Destination.File, Stop, Destination.IdleLimit))
            throw KeptStill(Destination, "taken");
    }

    private TransferException KeptStill(CopyEnd end, string what) =>
        IdleTime.RanOut(end.Path.ToString(), what, end.IdleLimit!.Value, BytesTransferred);

    private void Report(long now)
    {
        if (_progress is null || now - _lastProgress < ProgressTicks)
            return;
        _lastProgress = now;
        double seconds = (now - _started) / (double)Stopwatch.Frequency;
        _progress(new(Source.Path.ToString(), BytesDone, Total, BytesDone / seconds));
    }
}
