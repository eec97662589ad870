using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MemTools.Bench.Running;

/// <summary>
/// Two threads, each on a processor of its own, that begin at the same moment. How they wait for each other meanwhile is the
/// same as in the peers of bench/peers: a pause of the processor, and now and then another thread's turn.
/// </summary>
internal static unsafe partial class PinnedPair
{
    private const int SpinsBeforeYield = 64;

    /// <summary>Whether there are two processors to pin to.</summary>
    internal static bool IsPossible => Environment.ProcessorCount >= 2;

    /// <summary>Seconds from the moment that both are ready to the moment that both are done.</summary>
    /// <param name="first">What the thread on the first processor does.</param>
    /// <param name="second">What the one on the second does.</param>
    internal static double Time(Action first, Action second) => PinnedThreads.Time(1, first, second);

    /// <summary>Seconds that work takes on the first processor, while another process works on the second.</summary>
    internal static double TimeFirst(Action work)
    {
        double seconds = 0;
        RunOn(0, () =>
        {
            long begun = Stopwatch.GetTimestamp();
            work();
            seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        });
        return seconds;
    }

    /// <summary>Works on the second processor, while another process works on the first.</summary>
    internal static void RunSecond(Action work) => RunOn(1, work);

    /// <summary>Called each time that the other side was not ready yet; counts from 1.</summary>
    internal static void Wait(int tries)
    {
        if (tries % SpinsBeforeYield == 0)
            Thread.Yield();
        else if (System.Runtime.Intrinsics.X86.X86Base.IsSupported)
            System.Runtime.Intrinsics.X86.X86Base.Pause();
        else
            Thread.SpinWait(1);
    }

    private static void RunOn(int processor, Action work)
    {
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Pin(processor);
                work();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new CommandFailedException(failure.Message);
    }

    /// <summary>Keeps the calling thread on a processor.</summary>
    internal static void Pin(int processor)
    {
        const int words = 16;
        ulong* set = stackalloc ulong[words];
        new Span<ulong>(set, words).Clear();
        set[processor / 64] = 1UL << (processor % 64);
        if (SetAffinity(0, words * sizeof(ulong), set) != 0)
            throw new CommandFailedException($"sched_setaffinity failed: errno {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, ulong* processors);
}
