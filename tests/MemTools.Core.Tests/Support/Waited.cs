using System.Diagnostics;

namespace MemTools.Tests.Support;

/// <summary>Patience with what other threads do.</summary>
internal static class Waited
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

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
