using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Kernel;

/// <summary>Steps that several threads share.</summary>
public class SharedLoopTests
{
    [Theory]
    [InlineData(0, 3)]
    [InlineData(1, 3)]
    [InlineData(1000, 0)]
    [InlineData(1000, 7)]
    public void Every_step_is_done_once(int steps, int helpers)
    {
        int[] done = new int[steps];
        SharedLoop.Start(steps, helpers, step => Interlocked.Increment(ref done[step])).Finish();
        Assert.All(done, count => Assert.Equal(1, count));
    }

    [Fact]
    public void The_thread_that_waits_does_it_all_where_no_helper_comes()
    {
        HashSet<int> threads = [];
        SharedLoop.Start(50, helpers: 0, _ => threads.Add(Environment.CurrentManagedThreadId)).Finish();
        Assert.Equal([Environment.CurrentManagedThreadId], threads);
    }

    [Fact]
    public void Helpers_begin_before_anybody_waits()
    {
        using ManualResetEventSlim begun = new();
        SharedLoop loop = SharedLoop.Start(1, helpers: 1, _ => begun.Set());
        Assert.True(begun.Wait(Waited.Longest));
        loop.Finish();
    }

    [Fact]
    public void Of_several_failures_the_first_step_is_told_and_the_steps_before_it_are_done()
    {
        for (int round = 0; round < 200; round++)
        {
            bool[] done = new bool[100];
            SharedLoop loop = SharedLoop.Start(done.Length, helpers: 3, step =>
            {
                done[step] = true;
                if (step is 40 or 41 or 90)
                    throw new InvalidOperationException($"step {step}");
            });
            Assert.Equal("step 40", Assert.Throws<InvalidOperationException>(loop.Finish).Message);
            Assert.All(done[..41], Assert.True);
        }
    }

    [Fact]
    public void An_abandoned_loop_is_at_rest()
    {
        int running = 0;
        int done = 0;
        using ManualResetEventSlim begun = new();
        SharedLoop loop = SharedLoop.Start(1_000_000, helpers: 2, _ =>
        {
            Interlocked.Increment(ref running);
            begun.Set();
            Interlocked.Increment(ref done);
            Interlocked.Decrement(ref running);
        });
        Assert.True(begun.Wait(Waited.Longest));
        loop.Abandon();
        Assert.Equal(0, Volatile.Read(ref running));
        int after = Volatile.Read(ref done);
        Thread.Sleep(20);
        Assert.Equal(after, Volatile.Read(ref done));
    }
}
