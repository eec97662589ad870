using System.Diagnostics;
using MemTools.Transfer;

namespace MemTools.Experiments.CopyMethods;

/// <summary>Turns the progress of single runs into that of the whole comparison.</summary>
internal sealed class ComparisonProgress(Action<TransferProgress>? report, ComparedSource source, int runs)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private int _done;

    internal void Next() => _done++;

    internal Action<TransferProgress>? Of(ComparedMethod method) => report is null ? null : progress =>
    {
        long bytes = (_done * source.Length) + progress.BytesDone;
        double seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        report(new($"{source.Path} ({method})", bytes, runs * source.Length, bytes / seconds));
    };
}
