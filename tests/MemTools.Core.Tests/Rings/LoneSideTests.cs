using MemTools.Rings;
using MemTools.Tests.Support;

namespace MemTools.Tests.Rings;

/// <summary>A side that one thread has to itself until a second comes.</summary>
public class LoneSideTests
{
    [Fact]
    public void The_first_thread_is_alone_until_a_second_comes_and_then_nobody_is()
    {
        LoneSide side = new();
        for (int i = 0; i < 2; i++)
            SoleSide.Leave(side.Enter()!);
        Assert.NotNull(Deeper(side, 100));
        SoleSide.Leave(side.Enter()!);
        SideClaim? other = new(thread: null);
        Assert.Null(Aside.Run(() => other = side.Enter()).End());
        Assert.Null(other);
        Assert.Null(side.Enter());
    }

    [Fact]
    public void The_second_thread_waits_until_the_first_is_out()
    {
        LoneSide side = new();
        SideClaim mine = side.Enter()!;
        int through = 0;
        Aside other = Aside.Run(() =>
        {
            Assert.Null(side.Enter());
            Volatile.Write(ref through, 1);
        });
        Thread.Sleep(20);
        Assert.Equal(0, Volatile.Read(ref through));
        SoleSide.Leave(mine);
        Assert.Null(other.End());
        Assert.Null(side.Enter());
    }

    [SkippableFact]
    public void A_thread_that_comes_after_one_that_has_ended_is_alone_wherever_its_stack_is()
    {
        LoneSide side = new();
        Assert.Null(Aside.Run(() => SoleSide.Leave(side.Enter()!)).End());
        Assert.NotNull(side.Enter());

        LoneSide second = new();
        SideClaim? first = null;
        ReusedStack.Run(() => SoleSide.Leave(first = second.Enter()!), () =>
        {
            // In the dead one's name; whoever comes now waits for it all the same.
            SideClaim claim = second.Enter()!;
            Assert.Same(first, claim);
            Aside third = Aside.Run(() => SoleSide.Leave(second.Enter()!));
            Thread.Sleep(20);
            SoleSide.Leave(claim);
            Assert.Null(third.End());
        });
    }

    /// <summary>While a thread is alone it counts without atomic operations: no count may be lost when others come.</summary>
    [Fact]
    public void No_thread_works_beside_one_that_thinks_it_is_alone()
    {
        const int threads = 3, times = 300;
        for (int round = 0; round < 200; round++)
        {
            LoneSide side = new();
            long count = 0;
            Aside[] all = [.. Enumerable.Range(0, threads).Select(_ => Aside.Run(() =>
            {
                for (int i = 0; i < times; i++)
                    CountUp(side, ref count);
            }))];
            Assert.All(all, one => Assert.Null(one.End()));
            Assert.Equal(threads * times, count);
        }
    }

    private static void CountUp(LoneSide side, ref long count)
    {
        if (side.Enter() is not { } alone)
        {
            Interlocked.Increment(ref count);
            return;
        }

        long seen = count;
        Thread.SpinWait((int)(seen % 8));
        count = seen + 1;
        SoleSide.Leave(alone);
    }

    /// <summary>Enters from pages further down the stack.</summary>
    private static SideClaim? Deeper(LoneSide side, int calls)
    {
        Span<byte> room = stackalloc byte[256];
        room.Fill((byte)calls);
        return room[^1] > 0 ? Deeper(side, calls - 1) : side.Enter();
    }
}
