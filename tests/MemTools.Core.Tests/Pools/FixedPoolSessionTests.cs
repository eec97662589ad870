using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>One session over many steps, so that what it remembers meets the steps that are the pool's.</summary>
public unsafe class FixedPoolSessionTests
{
    private enum Step
    {
        Rent, RentInto, RentRaw, Return, ReturnTwice, ReturnSoon, PoolRent, PoolReturn, Foreign, Trim, Reopen,
    }

    private static Gen<(FixedPoolOptions Options, (Step, int)[] Steps)> Runs =>
        // Of blocks of 30,000 bytes a thread of a concurrent pool has two in hand, so that lists come and go.
        from size in Gen.OneOf(Gen.Choose(1, 100), Gen.Constant(30_000))
        from count in Gen.Choose(1, 12)
        from growth in Gen.Elements(PoolGrowth.Double, PoolGrowth.Fixed, PoolGrowth.None)
        from kind in Gen.Elements(Enum.GetValues<PoolKind>())
        from steps in Gen.Zip(Gen.Elements(Enum.GetValues<Step>()), Gen.Choose(0, int.MaxValue)).ArrayOf()
        select (new FixedPoolOptions
        {
            BlockSize = size,
            Count = count,
            Growth = growth,
            Concurrent = kind is PoolKind.Concurrent or PoolKind.ConcurrentZero or PoolKind.ConcurrentGuard,
            Zero = kind is PoolKind.Zero or PoolKind.ConcurrentZero,
            Guard = kind is PoolKind.Guard or PoolKind.ConcurrentGuard,
            Track = kind == PoolKind.Track,
        }, steps);

    private enum PoolKind
    {
        Plain, Concurrent, Zero, Guard, Track, ConcurrentZero, ConcurrentGuard,
    }

    [Fact]
    public void A_session_gives_what_a_model_says_whatever_comes_in_between() => Properties.Hold(Runs, run =>
    {
        using FixedPool pool = FixedPool.Create(run.Options);
        using FixedPool elsewhere = FixedPool.Create(new() { BlockSize = 8, Count = 1 });
        PoolBlock foreign = elsewhere.Rent();
        Model model = new(pool);
        FixedPoolSession session = pool.OpenSession();
        foreach ((Step step, int choice) in run.Steps)
        {
            switch (step)
            {
                case Step.Reopen:
                    session.Dispose();
                    model.Counts();
                    session = pool.OpenSession();
                    break;
                case Step.Foreign:
                    Assert.Equal(ErrorKind.ForeignBlock, Return(ref session, foreign));
                    break;
                case Step.Trim:
                    Trim(pool);
                    break;
                case Step.PoolRent:
                    model.Add(PoolRent(pool));
                    break;
                case Step.Rent or Step.RentInto or Step.RentRaw:
                    model.Add(Rent(ref session, step, model));
                    break;
                case Step.ReturnSoon:
                    // Pairs: the block that came back last is the next one to go.
                    for (int i = 0; i < 3; i++)
                    {
                        model.Add(Rent(ref session, Step.Rent, model));
                        if (model.Count > 0)
                            Return(ref session, model.Take(model.Count - 1), Step.Return);
                    }

                    break;
                default:
                    if (model.Count > 0)
                        Return(ref session, model.Take(choice % model.Count), step);
                    break;
            }

            model.Check();
        }

        session.Dispose();
        model.Counts();
        session = pool.OpenSession();
        while (model.Count > 0)
            Return(ref session, model.Take(0), Step.Return);
        session.Dispose();
        model.Counts();
        // None was lost, none is there twice.
        long blocks = pool.Blocks!.Value;
        Assert.Equal(blocks, Enumerable.Range(0, (int)blocks).Select(_ => pool.Rent().Address).Distinct().Count());
        Assert.Equal(blocks, pool.Blocks);
    });

    [Fact]
    public void A_link_that_was_written_over_is_an_exception_in_a_session_too()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4 });
        FixedPoolSession session = pool.OpenSession();
        PoolBlock first = session.Rent();
        PoolBlock second = session.Rent();
        Span<byte> kept = second.Span;
        Span<byte> keptToo = first.Span;
        session.Return(first);
        session.Return(second);
        kept.Fill(0x77);
        keptToo.Fill(0x77);
        // The session knows what the link of the last one was.
        Assert.Equal(second.Address, session.Rent().Address);
        Assert.Equal(first.Address, session.Rent().Address);
        ErrorKind? kind = null;
        try
        {
            session.Rent();
        }
        catch (MemToolsException e)
        {
            kind = e.Kind;
        }

        session.Dispose();
        Assert.Equal(ErrorKind.BlockDamaged, kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_that_ends_with_blocks_in_hand_leaves_them_to_the_pool(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 5, Growth = PoolGrowth.None, Concurrent = concurrent });
        FixedPoolSession session = pool.OpenSession();
        BlockHandle[] rented = [session.RentRaw(), session.RentRaw(), session.RentRaw()];
        session.Return(rented[1]);
        session.Return(rented[0]);
        session.Return(session.RentRaw());
        session.Dispose();
        Assert.Equal((1, 4), (pool.InUse, pool.TotalRents));
        ulong[] rest = [.. Enumerable.Range(0, 4).Select(_ => pool.Rent().Address)];
        Assert.Equal(5, rest.Append((ulong)rented[2].Address).Distinct().Count());
        Assert.Equal(ErrorKind.PoolExhausted, Assert.Throws<MemToolsException>(() => pool.Rent()).Kind);
    }

    private static void Trim(FixedPool pool)
    {
        if (pool is { Concurrent: true, Guard: false })
            pool.Trim();
        else
            Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => pool.Trim()).Kind);
    }

    /// <summary>A block of the pool while a session has the list in hand: there may be none, unless the pool grows.</summary>
    private static Held? PoolRent(FixedPool pool)
    {
        try
        {
            return new(pool.Rent());
        }
        catch (MemToolsException e) when (pool.Growth == "None")
        {
            Assert.Equal(ErrorKind.PoolExhausted, e.Kind);
            return null;
        }
    }

    private static Held? Rent(ref FixedPoolSession session, Step step, Model model)
    {
        bool full = model.IsFull;
        try
        {
            Held held = step switch
            {
                Step.RentInto => new(RentInto(ref session, model.Last)),
                Step.RentRaw => new((ulong)session.RentRaw().Address),
                _ => new(session.Rent()),
            };
            Assert.False(full);
            return held;
        }
        catch (MemToolsException e) when (full)
        {
            Assert.Equal(ErrorKind.PoolExhausted, e.Kind);
            return null;
        }
    }

    /// <summary>Over a handle that was written before, perhaps of another mapping.</summary>
    private static PoolBlock RentInto(ref FixedPoolSession session, PoolBlock earlier)
    {
        session.RentInto(ref earlier);
        return earlier;
    }

    private static void Return(ref FixedPoolSession session, Held held, Step step)
    {
        if (held.Block is not { } block)
        {
            session.Return(new BlockHandle((nint)held.Address));
            return;
        }

        if (step == Step.PoolReturn)
            block.Dispose();
        else
            Assert.Null(Return(ref session, block));
        if (step == Step.ReturnTwice)
            Assert.Equal(ErrorKind.DoubleReturn, Return(ref session, block));
    }

    private static ErrorKind? Return(ref FixedPoolSession session, PoolBlock block)
    {
        try
        {
            session.Return(block);
            return null;
        }
        catch (MemToolsException e)
        {
            return e.Kind;
        }
    }

    /// <summary>A rented block; one that was rented raw has no handle.</summary>
    private sealed record Held(ulong Address, PoolBlock? Block = null)
    {
        internal Held(PoolBlock block)
            : this(block.Address, block)
        {
        }

        internal byte Mark { get; init; }
    }

    /// <summary>What should be out, and what was written into it.</summary>
    private sealed class Model(FixedPool pool)
    {
        private readonly List<Held> _held = [];
        private long _rents;

        internal int Count => _held.Count;

        internal bool IsFull => pool.Growth == "None" && pool.Blocks > 0 && Count == pool.Blocks;

        /// <summary>The last handle that was written, rented or not.</summary>
        internal PoolBlock Last { get; private set; }

        internal void Add(Held? held)
        {
            if (held is null)
                return;
            Span<byte> bytes = Bytes(held);
            if (pool.Zero)
                Assert.Equal(-1, bytes.IndexOfAnyExcept((byte)0));
            Assert.DoesNotContain(_held, other => other.Address == held.Address);
            byte mark = (byte)++_rents;
            bytes.Fill(mark);
            _held.Add(held with { Mark = mark });
            Last = held.Block ?? Last;
        }

        internal Held Take(int index)
        {
            Held held = _held[index];
            _held.RemoveAt(index);
            return held;
        }

        internal void Check()
        {
            foreach (Held held in _held)
                Assert.Equal(-1, Bytes(held).IndexOfAnyExcept(held.Mark));
            Assert.All(_held, held => Assert.NotEqual(false, held.Block?.IsRented));
        }

        /// <summary>The pool knows of what was done in a session when that has ended.</summary>
        internal void Counts() => Assert.Equal((Count, _rents), (pool.InUse, pool.TotalRents));

        /// <summary>Those where a free block has its link, and a few more.</summary>
        private Span<byte> Bytes(Held held) => new((void*)held.Address, (int)Math.Min(100, pool.BlockSize!.Value));
    }
}
