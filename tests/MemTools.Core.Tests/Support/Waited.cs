using System.Diagnostics;

namespace MemTools.Tests.Support;

/// <summary>Patience with what other threads and programs do.</summary>
internal static class Waited
{
    /// <summary>
    /// Far beyond what anything takes, on a slow machine with much else to do too: whoever waits that long waits for what
    /// never comes.
    /// </summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>Waits until it is so; a test that gets to the end of the time has failed.</summary>
    internal static void For(Func<bool> condition)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(watch.Elapsed < Longest, "Waited in vain.");
            Thread.Sleep(1);
        }
    }
}
