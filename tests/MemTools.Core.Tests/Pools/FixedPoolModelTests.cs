using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>A pool does in any order of steps what a set of blocks does.</summary>
public class FixedPoolModelTests
{
    private enum Step
    {
        Rent, Return, ReturnTwice, SessionRent, SessionReturn, Trim,
    }

    private static Gen<(FixedPoolOptions Options, (Step, int)[] Steps)> Runs =>
        from size in Gen.Choose(1, 300)
        from count in Gen.Choose(1, 20)
        from growth in Gen.Elements(PoolGrowth.Double, PoolGrowth.Fixed, PoolGrowth.None)
        from flags in Gen.Choose(0, 7)
        from steps in Gen.Zip(Gen.Elements(Enum.GetValues<Step>()), Gen.Choose(0, int.MaxValue)).ArrayOf()
        select (new FixedPoolOptions
        {
            BlockSize = size,
            Count = count,
            Growth = growth,
            Concurrent = (flags & 1) != 0,
            Zero = (flags & 2) != 0,
            Guard = flags == 7,
        }, steps);

    [Fact]
    public void It_gives_what_a_model_says_and_keeps_what_is_written() => Properties.Hold(Runs, run =>
    {
        using FixedPool pool = FixedPool.Create(run.Options);
        Dictionary<PoolBlock, byte> model = [];
        byte mark = 0;
        int most = 0;
        foreach ((Step step, int choice) in run.Steps)
        {
            switch (step)
            {
                case Step.Rent or Step.SessionRent:
                    Rent(pool, model, ++mark, step == Step.SessionRent);
                    break;
                case Step.Trim:
                    pool.Trim();
                    break;
                default:
                    if (model.Count > 0)
                        Return(pool, model, model.Keys.ElementAt(choice % model.Count), step);
                    break;
            }

            most = Math.Max(most, model.Count);
            Assert.Equal((model.Count, most), (pool.InUse, pool.HighWaterMark));
            Assert.Equal(model.Keys.Select(block => block.Address).Order(), pool.GetRented().Select(block => block.Address).Order());
            foreach ((PoolBlock block, byte content) in model)
                Assert.Equal(-1, block.Span.IndexOfAnyExcept(content));
        }
    });

    private static void Rent(FixedPool pool, Dictionary<PoolBlock, byte> model, byte mark, bool inSession)
    {
        bool full = pool.Growth == "None" && model.Count == pool.Blocks && pool.Blocks > 0;
        PoolBlock block;
        try
        {
            block = inSession ? RentInSession(pool) : pool.Rent();
        }
        catch (MemToolsException e) when (full)
        {
            Assert.Equal(ErrorKind.PoolExhausted, e.Kind);
            return;
        }

        Assert.False(full);
        if (pool.Zero)
            Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)0));
        block.Fill(mark);
        model.Add(block, mark);
    }

    private static void Return(FixedPool pool, Dictionary<PoolBlock, byte> model, PoolBlock block, Step step)
    {
        model.Remove(block);
        if (step == Step.SessionReturn)
        {
            using FixedPoolSession session = pool.OpenSession();
            session.Return(block);
        }
        else
        {
            block.Dispose();
        }

        if (step == Step.ReturnTwice)
            Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => block.Dispose()).Kind);
    }

    private static PoolBlock RentInSession(FixedPool pool)
    {
        using FixedPoolSession session = pool.OpenSession();
        return session.Rent();
    }
}
