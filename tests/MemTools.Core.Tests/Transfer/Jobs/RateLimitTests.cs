using System.Diagnostics;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Tests.Transfer.Jobs;

/// <summary>The rate that all workers together are held to. Never faster is asserted; how slow a machine is, is not.</summary>
public class RateLimitTests
{
    [Theory]
    [InlineData(1, 4096)]
    [InlineData(1_000_000, 49_152)]
    [InlineData(20_000_000, 999_424)]
    [InlineData(long.MaxValue, PieceSize.Largest)]
    public void Pieces_are_small_where_the_limit_is_low(long bytesPerSecond, long largest) =>
        Assert.Equal(largest, new RateLimit(bytesPerSecond).LargestPiece);

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    public void All_workers_together_are_never_faster(int workers)
    {
        const long rate = 10_000_000;
        const int pieces = 40;
        RateLimit limit = new(rate);
        long start = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < pieces / workers; i++)
                limit.Take(250_000, CancellationToken.None);
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        // The clock starts a moment before the limit's: the last piece may end that much earlier.
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds >= 0.99, "Ten million bytes took less than a second.");
    }

    [Fact]
    public void Time_in_which_nothing_moved_hardly_comes_back_as_a_burst()
    {
        RateLimit limit = new(1_000_000);
        Thread.Sleep(1000);
        long start = Stopwatch.GetTimestamp();
        limit.Take(500_000, CancellationToken.None);
        // A quarter of a second at most is made up for.
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds >= 0.24, "What was not used was saved up.");
    }

    [Fact]
    public void Waits_that_end_late_are_made_up_for()
    {
        // As from small files: each wait ends a millisecond or more late, which together would be most of the time.
        const int files = 2000;
        RateLimit limit = new(10_000_000);
        long start = Stopwatch.GetTimestamp();
        int late = 0;
        for (int i = 0; i < files; i++)
        {
            long before = Stopwatch.GetTimestamp();
            limit.Take(2048, CancellationToken.None);
            late += Stopwatch.GetElapsedTime(before).TotalMilliseconds > 1 ? 1 : 0;
        }

        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds >= 0.40, "The rate was passed.");
        Assert.InRange(late, 0, files / 2);
    }

    [Fact]
    public void A_stop_ends_the_waiting()
    {
        RateLimit limit = new(1);
        using CancellationTokenSource stop = new();
        stop.CancelAfter(50);
        // Far beyond the patience of any test, were it not stopped.
        Assert.Throws<OperationCanceledException>(() => limit.Take(1_000_000, stop.Token));
    }
}
