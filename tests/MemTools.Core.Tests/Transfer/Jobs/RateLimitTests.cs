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
    public void Time_in_which_nothing_moved_does_not_come_back_as_a_burst()
    {
        RateLimit limit = new(1_000_000);
        Thread.Sleep(300);
        long start = Stopwatch.GetTimestamp();
        limit.Take(200_000, CancellationToken.None);
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds >= 0.19, "What was not used was saved up.");
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
