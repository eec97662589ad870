using FsCheck;
using FsCheck.Fluent;
using MemTools.Experiments;
using MemTools.Tests.Support;

namespace MemTools.Tests.Experiments;

/// <summary>Every pattern allocates what it was told to and releases all of it, with the sizes that it had.</summary>
public class PatternTests
{
    private static Gen<WorkOrder> Orders =>
        from pattern in Gen.Elements(Enum.GetValues<AllocationPattern>())
        from pairs in Gen.Choose(1, 3)
        from count in Gen.Choose(2 * pairs, 5000)
        from size in Gen.Choose(1, 100_000)
        select new WorkOrder(AllocatorKind.Malloc, null, pattern, BlockTouch.None, size, count, 2 * pairs, CountCalls: false);

    [Fact]
    public void Every_block_is_released_once_with_its_size() => Properties.Hold(Orders, order =>
    {
        Ledger ledger = new();
        Round[] rounds = RoundRunner<LedgerBlocks, LedgerBlock>.Run(order, new LedgerBlocks(ledger), rounds: 2);
        Assert.Equal(2, rounds.Length);
        Assert.Empty(ledger.Live);
        Assert.Equal(0, ledger.Wrong);
        Assert.Equal(2 * order.Count, ledger.Allocated);
        Assert.InRange(ledger.Largest, 1, PatternCatalog.Of(order.Pattern).Largest(order.Size));
    });

    [Fact]
    public void No_thread_holds_more_than_the_pattern_says() => Properties.Hold(Orders, order =>
    {
        Ledger ledger = new();
        _ = RoundRunner<LedgerBlocks, LedgerBlock>.Run(order, new LedgerBlocks(ledger), rounds: 1);
        long share = (order.Count + order.Threads - 1) / order.Threads * (order.Pattern == AllocationPattern.ProducerConsumer ? 2 : 1);
        // One more is in the hand of the thread that puts it away, and of the one that takes it.
        Assert.InRange(ledger.Peak, 1, order.Threads * (PatternCatalog.Of(order.Pattern).Live(share) + 2));
    });

    /// <summary>At the very first block too, when some threads have begun and others have not: that is a matter of chance.</summary>
    [Theory]
    [InlineData(300, 1)]
    [InlineData(1, 200)]
    public async Task A_thread_that_fails_does_not_leave_the_others_waiting(int failAt, int times)
    {
        WorkOrder order = new(AllocatorKind.Malloc, null, AllocationPattern.ProducerConsumer, BlockTouch.None, 8, 1000, 4, CountCalls: false);
        for (int i = 0; i < times; i++)
        {
            Ledger ledger = new() { FailAt = failAt };
            Task run = Task.Run(() => RoundRunner<LedgerBlocks, LedgerBlock>.Run(order, new LedgerBlocks(ledger), rounds: 3));
            InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => run.WaitAsync(Waited.Longest));
            Assert.Equal("no more", e.Message);
        }
    }
}
