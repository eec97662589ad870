using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MemTools.Transfer;

/// <summary>
/// How much one call is asked to move: so much that it takes about 50 ms, within which a stop request waits.
/// The largest piece is what keeps that promise when a disk that took a gigabyte a second suddenly takes a tenth;
/// at that size the cost of the call itself is already below a hundredth of a percent.
/// </summary>
internal sealed class PieceSize
{
    internal const long Smallest = 64 * 1024;
    internal const long First = 1024 * 1024;
    internal const long Largest = 16 * 1024 * 1024;

    private const double TargetSeconds = 0.05;

    private readonly long _largest;

    /// <param name="largest">The most that one call is asked to move, in bytes.</param>
    internal PieceSize(long largest = Largest)
    {
        _largest = largest;
        Reset();
    }

    internal long Next { get; private set; }

    internal void Reset() => Next = Math.Min(First, _largest);

    /// <summary>Learns from a call that moved so many bytes in so many ticks of the stopwatch.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Observe(long bytes, long ticks)
    {
        // A call that moved little, as through a small pipe, says nothing about larger ones.
        if (bytes < Next / 2)
            return;
        double seconds = Math.Max(ticks, 1) / (double)Stopwatch.Frequency;
        double wanted = bytes * TargetSeconds / seconds;
        long aligned = (long)Math.Min(wanted, 4.0 * Next) & ~(Smallest - 1);
        Next = Math.Clamp(aligned, Math.Min(Smallest, _largest), _largest);
    }
}
