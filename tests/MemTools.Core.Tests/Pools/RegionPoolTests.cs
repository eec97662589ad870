using FsCheck;
using FsCheck.Fluent;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>Blocks that end together.</summary>
public class RegionPoolTests
{
    [Fact]
    public void Blocks_are_aligned_do_not_overlap_and_keep_their_content()
    {
        using RegionPool region = RegionPool.Create(new() { ChunkSize = 8192 });
        List<(PoolBlock Block, byte Content)> blocks = [];
        foreach (long length in (long[])[0, 1, 7, 8, 16, 17, 100, 4096, 4097, 8192, 1 << 20, 3000, 3000, 3000])
        {
            PoolBlock block = region.Rent(length);
            Assert.Equal((length, 0UL), (block.Length, block.Address % 16));
            block.Fill((byte)(blocks.Count + 1));
            blocks.Add((block, (byte)(blocks.Count + 1)));
        }

        Assert.All(blocks, one => Assert.Equal(-1, one.Block.Span.IndexOfAnyExcept(one.Content)));
        Assert.Equal(blocks.Count, blocks.Select(one => one.Block.Address).Distinct().Count());
        Assert.Equal((3, 14, 14), (region.LargeBlocks, region.InUse, region.TotalRents));
    }

    [Fact]
    public void A_reset_drops_everything_and_uses_the_chunks_again()
    {
        using RegionPool region = RegionPool.Create(new() { ChunkSize = 4096 });
        PoolBlock first = region.Rent(100);
        for (int i = 0; i < 100; i++)
            region.Rent(100);
        region.Rent(10_000);
        long mapped = region.MappedBytes;
        int chunks = region.Chunks;
        region.Reset();
        Assert.Equal((0, 0, chunks), (region.InUse, region.LargeBlocks, region.Chunks));
        Assert.Equal(mapped - 12288, region.MappedBytes);
        Assert.Throws<ObjectDisposedException>(() => first.SetBytes([1]));
        PoolBlock again = region.Rent(50);
        Assert.Equal(first.Address, again.Address);
        Assert.True(again.IsRented);
        Assert.False(first.IsRented);
        region.Reset();
        Assert.Equal(chunks * 4096, region.Trim());
        Assert.Equal((0, 102), (region.MappedBytes, region.HighWaterMark));
        region.Rent(1).SetBytes([1]);
    }

    [Fact]
    public void Handlers_run_at_the_reset_the_last_one_first_whatever_they_throw()
    {
        using RegionPool region = RegionPool.Create();
        List<int> ran = [];
        region.AddCleanup(() => ran.Add(1));
        region.AddCleanup(() => throw new InvalidOperationException("first"));
        PoolBlock block = region.Rent(8);
        region.AddCleanup(() =>
        {
            // What is dropped can still be used here.
            block.SetBytes([5]);
            ran.Add(3);
        });
        AggregateException e = Assert.Throws<AggregateException>(region.Reset);
        Assert.Equal("first", Assert.Single(e.InnerExceptions).Message);
        Assert.Equal([3, 1], ran);
        Assert.Equal((0, 0), (region.Handlers, region.InUse));
        region.Reset();
        Assert.Equal([3, 1], ran);
    }

    [Fact]
    public void Handlers_run_at_the_removal_too()
    {
        RegionPool region = RegionPool.Create();
        int ran = 0;
        region.AddCleanup(() => ran++);
        region.Dispose();
        region.Dispose();
        Assert.Equal(1, ran);
        Assert.Throws<ObjectDisposedException>(() => region.Rent(1));
        Assert.Throws<ObjectDisposedException>(region.Reset);
        Assert.Throws<ObjectDisposedException>(() => region.Mark());
    }

    [Fact]
    public void Marks_nest()
    {
        using RegionPool region = RegionPool.Create(new() { ChunkSize = 4096 });
        List<string> ran = [];
        PoolBlock outer = region.Rent(2000);
        region.AddCleanup(() => ran.Add("outer"));
        RegionMark mark = region.Mark();
        PoolBlock middle = region.Rent(2000);
        region.AddCleanup(() => ran.Add("middle"));
        RegionMark inner = region.Mark();
        PoolBlock deepest = region.Rent(5000);
        region.Reset(inner);
        Assert.Equal((true, true, false), (outer.IsRented, middle.IsRented, deepest.IsRented));
        Assert.False(inner.IsValid);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => region.Reset(inner)).Kind);
        mark.Dispose();
        mark.Dispose();
        Assert.Equal((true, false, 1), (outer.IsRented, middle.IsRented, region.InUse));
        Assert.Equal(["middle"], ran);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => region.Reset(mark)).Kind);
        Assert.Equal(middle.Address, region.Rent(2000).Address);
    }

    [Fact]
    public void Misuse_is_an_exception()
    {
        using RegionPool region = RegionPool.Create();
        using RegionPool other = RegionPool.Create();
        foreach (long length in (long[])[10, 100_000])
        {
            PoolBlock block = region.Rent(length);
            Assert.Equal(ErrorKind.ForeignBlock, Assert.Throws<MemToolsException>(() => other.Return(block)).Kind);
            Assert.Throws<MemToolsException>(() => block.SetBytes(length, [1]));
            block.Dispose();
            Assert.Throws<ObjectDisposedException>(() => block.SetBytes([1]));
            Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => block.Dispose()).Kind);
        }

        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => region.Rent(-1)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => RegionPool.Create(new() { ChunkSize = 0 })).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => RegionPool.Create(new() { ChunkSize = 2L << 30 })).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => region.Reset(other.Mark())).Kind);
    }

    [Fact]
    public void A_session_cuts_from_the_same_chunks()
    {
        using RegionPool region = RegionPool.Create(new() { ChunkSize = 4096 });
        PoolBlock before = region.Rent(16);
        HashSet<nint> seen = [(nint)before.Address];
        RegionSession session = region.OpenSession();
        for (int i = 0; i < 1000; i++)
            Assert.True(seen.Add(session.RentRaw(20).Address));
        Assert.True(seen.Add(session.RentRaw(5000).Address));
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => region.Rent(1)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(region.Reset).Kind);
        Assert.True(before.IsRented);
        session.Dispose();
        session.Dispose();
        Assert.True(seen.Add((nint)region.Rent(1).Address));
        Assert.Equal((1003, 1003), (region.InUse, region.TotalRents));
        region.Reset();
        session = region.OpenSession();
        long managed = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++)
            session.RentRaw(32);
        Assert.Equal(managed, GC.GetAllocatedBytesForCurrentThread());
        session.Dispose();
    }

    [Fact]
    public void Several_threads_may_rent()
    {
        using RegionPool region = RegionPool.Create();
        PoolBlock[][] blocks = new PoolBlock[4][];
        Parallel.For(0, 4, thread => blocks[thread] = [.. Enumerable.Range(0, 500).Select(i =>
        {
            PoolBlock block = region.Rent(64);
            block.Fill((byte)thread);
            return block;
        })]);
        for (int thread = 0; thread < 4; thread++)
            Assert.All(blocks[thread], block => Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)thread)));
        Assert.Equal(2000, region.InUse);
    }

    [Fact]
    public void It_gives_what_a_model_says() => Properties.Hold(
        Gen.Zip(Gen.Choose(0, 9), Gen.Choose(0, int.MaxValue)).ArrayOf(),
        steps =>
        {
            using RegionPool region = RegionPool.Create(new() { ChunkSize = 4096 });
            // Each mark with what was rented before it; what is dropped must not be usable, the rest as it was written.
            Stack<(RegionMark Mark, int Count)> marks = new();
            List<(PoolBlock Block, byte Content)> live = [];
            List<PoolBlock> dead = [];
            byte content = 0;
            foreach ((int step, int choice) in steps)
            {
                switch (step)
                {
                    case 7:
                        marks.Push((region.Mark(), live.Count));
                        break;
                    case 8 when marks.Count > 0:
                        (RegionMark mark, int count) = marks.Pop();
                        region.Reset(mark);
                        dead.AddRange(live[count..].Select(one => one.Block));
                        live.RemoveRange(count, live.Count - count);
                        break;
                    case 9 when choice % 4 == 0:
                        region.Reset();
                        dead.AddRange(live.Select(one => one.Block));
                        live.Clear();
                        marks.Clear();
                        region.Trim();
                        break;
                    default:
                        PoolBlock block = region.Rent(choice % 3000);
                        block.Fill(++content);
                        live.Add((block, content));
                        break;
                }

                Assert.Equal(live.Count, region.InUse);
                Assert.All(live, one => Assert.Equal(-1, one.Block.Span.IndexOfAnyExcept(one.Content)));
                Assert.All(dead, block => Assert.False(block.IsRented));
            }
        });
}
