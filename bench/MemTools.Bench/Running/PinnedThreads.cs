using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace MemTools.Bench.Running;

/// <summary>Pairs of threads that pass something on: a writer and a reader, the first pair's on processors 0 and 1, the next the other way round.</summary>
internal static class PinnedThreads
{
    /// <summary>Seconds from the moment that all are ready to the moment that all are done.</summary>
    internal static double Time(int pairs, Action write, Action read)
    {
        using Barrier line = new(2 * pairs);
        Exception? failure = null;
        // Looked at by the threads themselves: one that only watches would have no processor of its own, and be late.
        long[] begun = new long[2 * pairs], ended = new long[2 * pairs];
        Thread[] threads = [.. Enumerable.Range(0, 2 * pairs).Select(Make)];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return failure is null
            ? Stopwatch.GetElapsedTime(begun.Min(), ended.Max()).TotalSeconds
            : throw new CommandFailedException(failure.Message);

        Thread Make(int index) => new(() =>
        {
            try
            {
                (int pair, bool isReader) = (index / 2, index % 2 == 1);
                PinnedPair.Pin((pair + (isReader ? 1 : 0)) % 2);
                line.SignalAndWait();
                begun[index] = Stopwatch.GetTimestamp();
                (isReader ? read : write)();
                ended[index] = Stopwatch.GetTimestamp();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
    }

    /// <summary>The same as <see cref="PinnedPair.Wait"/>, apart from the loop that calls it, whose registers it would cost.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Wait(int tries) => PinnedPair.Wait(tries);
}
