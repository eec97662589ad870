using MemTools.Kernel;
using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>A side that one thread at a time may use.</summary>
public class SoleSideTests
{
    [Fact]
    public void Of_threads_that_fight_for_it_only_one_is_ever_inside()
    {
        SoleSide side = new("writes to", "test");
        int inside = 0, twice = 0, refused = 0, entered = 0;
        Thread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < 50_000; i++)
            {
                try
                {
                    SideClaim claim = side.Enter();
                    if (Interlocked.Increment(ref inside) != 1)
                        Interlocked.Increment(ref twice);
                    Interlocked.Increment(ref entered);
                    Interlocked.Decrement(ref inside);
                    SoleSide.Leave(claim);
                }
                catch (MemToolsException e) when (e.Kind == ErrorKind.OverlappingUse)
                {
                    Interlocked.Increment(ref refused);
                    Thread.Sleep(0);
                }
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal((0, 200_000), (twice, entered + refused));
        Assert.True(entered > 0);
        // Nobody is inside any more: anybody may enter.
        SoleSide.Leave(side.Enter());
    }

    [Fact]
    public void Who_comes_while_another_is_inside_is_refused_and_does_not_disturb_it()
    {
        SoleSide side = new("writes to", "the test");
        SideClaim mine = side.Enter();
        for (int i = 0; i < 3; i++)
        {
            MemToolsException error = Elsewhere(() => side.Enter())!;
            Assert.Equal(ErrorKind.OverlappingUse, error.Kind);
            Assert.Contains("writes to 'the test'", error.Message, StringComparison.Ordinal);
        }

        SoleSide.Leave(mine);
        Assert.Null(Elsewhere(() => SoleSide.Leave(side.Enter())));
        SoleSide.Leave(side.Enter());
    }

    /// <summary>Waits until another thread is inside, and expects to be refused.</summary>
    internal static void Overlap(Func<bool> isInside, Action enter)
    {
        Waited.For(isInside);
        Assert.Equal(ErrorKind.OverlappingUse, Assert.Throws<MemToolsException>(enter).Kind);
    }

    private static MemToolsException? Elsewhere(Action action)
    {
        Exception? error = null;
        Thread thread = new(() => error = Record.Exception(action));
        thread.Start();
        thread.Join();
        return (MemToolsException?)error;
    }
}
