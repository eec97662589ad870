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

    [SkippableFact]
    public void Who_has_the_stack_of_a_dead_thread_has_its_claim_and_never_stays_inside_when_others_come()
    {
        for (int round = 0; round < 20; round++)
        {
            SoleSide side = new("writes to", "test");
            SideClaim? first = null;
            Aside? other = null;
            bool ended = false;
            ReusedStack.Run(() => SoleSide.Leave(first = side.Enter()), () =>
            {
                SideClaim claim = side.Enter();
                Assert.Same(first, claim);
                SoleSide.Leave(claim);
                other = Aside.Run(() => EnterUntil(side, () => Volatile.Read(ref ended)));
                // Until the other has taken the side over, or got in the way of that.
                for (int i = 0; i < 100_000 && Refused(side) == 0; i++)
                {
                }

                Volatile.Write(ref ended, true);
            });
            Assert.Null(other!.End());
            SoleSide.Leave(side.Enter());
        }
    }

    private static void EnterUntil(SoleSide side, Func<bool> ended)
    {
        while (!ended())
            Refused(side);
    }

    private static int Refused(SoleSide side)
    {
        try
        {
            SoleSide.Leave(side.Enter());
            return 0;
        }
        catch (MemToolsException e) when (e.Kind == ErrorKind.OverlappingUse)
        {
            return 1;
        }
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
