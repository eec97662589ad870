using System.Diagnostics;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Holds all workers of a job together to a number of bytes a second. Every piece reserves its time on one clock and
/// its worker waits until that is over: from the beginning of the job on, never more is let through than the rate.
/// </summary>
internal sealed class RateLimit : IPieceObserver
{
    /// <summary>Pieces a second: small enough that the rate is even, large enough that the waits are not noticed.</summary>
    private const int PiecesPerSecond = 20;

    private const long SmallestPiece = 4096;

    /// <summary>
    /// How much time in which nothing moved is made up for. Waits end late, by a millisecond on an idle machine and by
    /// many on a busy one, and between small files lie other calls: without this all that would be lost. Over ten
    /// seconds it is at most 2.5 % more.
    /// </summary>
    private static readonly long LargestCredit = Stopwatch.Frequency / 4;

    private readonly double _ticksPerByte;
    private readonly object _gate = new();
    private double _free;

    /// <param name="bytesPerSecond">1 or more.</param>
    internal RateLimit(long bytesPerSecond)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesPerSecond, 1);
        _ticksPerByte = (double)Stopwatch.Frequency / bytesPerSecond;
        LargestPiece = Math.Clamp(bytesPerSecond / PiecesPerSecond, SmallestPiece, PieceSize.Largest) & -SmallestPiece;
        _free = Stopwatch.GetTimestamp();
    }

    /// <summary>What one call may move, so that the limit holds from one moment to the next. Whole pages.</summary>
    internal long LargestPiece { get; }

    public void Copied(CopyJob job, long sourceOffset, long destinationOffset, long length, ReadOnlySpan<byte> content) =>
        Take(length, job.Stop);

    public void Hole(long length)
    {
    }

    /// <summary>Accounts for bytes that have moved and waits as long as they may take.</summary>
    /// <exception cref="OperationCanceledException">Stopped while it waited.</exception>
    internal void Take(long bytes, CancellationToken stop)
    {
        double until;
        lock (_gate)
        {
            // More time than that in which nothing moved is lost: it would come back as a burst.
            _free = Math.Max(_free, Stopwatch.GetTimestamp() - LargestCredit) + (bytes * _ticksPerByte);
            until = _free;
        }

        WaitUntil(until, stop);
    }

    private static void WaitUntil(double until, CancellationToken stop)
    {
        while (true)
        {
            double ticks = until - Stopwatch.GetTimestamp();
            if (ticks <= 0)
                break;
            double milliseconds = Math.Ceiling(ticks * 1000.0 / Stopwatch.Frequency);
            if (stop.WaitHandle.WaitOne((int)Math.Min(milliseconds, int.MaxValue)))
                break;
        }

        stop.ThrowIfCancellationRequested();
    }
}
