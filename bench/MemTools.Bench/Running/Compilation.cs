using System.Runtime;

namespace MemTools.Bench.Running;

/// <summary>The runtime compiles a method anew, with all optimisations, when it has been called often, on a thread of its own.</summary>
internal static class Compilation
{
    /// <summary>More than the 30 calls after which a method is compiled anew.</summary>
    private const int Calls = 35;

    private const int MostSeries = 12;

    /// <summary>Longer than the runtime waits for quiet before it counts calls (100 ms).</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Works in series, until one of them has led to nothing being compiled. How many that takes depends on when the compiler's
    /// thread comes to run: a fixed number of them left loops unoptimised now and then, and the figures wrong.
    /// </summary>
    internal static void Settle(Action work)
    {
        long before = -1;
        for (int series = 0; series < MostSeries && JitInfo.GetCompiledMethodCount() != before; series++)
        {
            before = series < 2 ? -1 : JitInfo.GetCompiledMethodCount();
            for (int call = 0; call < Calls; call++)
                work();
            Thread.Sleep(Quiet);
        }
    }
}
