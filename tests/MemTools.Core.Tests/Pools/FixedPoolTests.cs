using System.Globalization;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>What a pool of equal blocks gives, takes back and refuses.</summary>
public class FixedPoolTests
{
    public static TheoryData<long, long> Sizes => new()
    {
        { 1, 8 }, { 7, 8 }, { 8, 8 }, { 9, 16 }, { 24, 32 }, { 52, 64 }, { 64, 64 }, { 100, 112 },
        { Environment.SystemPageSize, Environment.SystemPageSize }, { 1 << 20, 1 << 20 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Blocks_of_every_size_are_aligned_do_not_overlap_and_hold_what_is_written(long size, long stride)
    {
        using FixedPool pool = Make(size, 10, PoolGrowth.Double);
        Assert.Equal(stride, pool.Stride);
        PoolBlock[] blocks = [.. Enumerable.Range(0, 35).Select(_ => pool.Rent())];
        long alignment = Math.Min(stride & -stride, Environment.SystemPageSize);
        Assert.Equal(alignment, pool.Alignment);
        for (int i = 0; i < blocks.Length; i++)
        {
            Assert.Equal(0UL, blocks[i].Address % (ulong)alignment);
            Assert.Equal(size, blocks[i].Length);
            blocks[i].Fill((byte)(i + 1));
        }

        for (int i = 0; i < blocks.Length; i++)
            Assert.Equal(-1, blocks[i].Span.IndexOfAnyExcept((byte)(i + 1)));
        ulong[] sorted = [.. blocks.Select(block => block.Address).Order()];
        Assert.All(sorted.Zip(sorted.Skip(1)), pair => Assert.True(pair.Second - pair.First >= (ulong)stride));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(8, 0)]
    [InlineData(8, -1)]
    [InlineData(1L << 40, 1L << 40)]
    [InlineData(64, long.MaxValue)]
    public void A_size_or_count_that_makes_no_sense_is_misuse(long size, long count) =>
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => Make(size, count)).Kind);

    [Fact]
    public void Blocks_beyond_2_GiB_can_be_used_at_both_ends()
    {
        const long size = (2L << 30) + 100;
        using FixedPool pool = Make(size, 2, PoolGrowth.None);
        PoolBlock block = pool.Rent();
        block.WriteInt64(0, 1);
        block.WriteInt64(size - 8, long.MinValue + 5, bigEndian: true);
        Assert.Equal((1, long.MinValue + 5), (block.ReadInt64(0), block.ReadInt64(size - 8, bigEndian: true)));
        Assert.Equal(0x80, block.GetSpan(size - 8, 8)[0]);
        Assert.Throws<MemToolsException>(() => block.ReadInt64(size - 7));
        Assert.Throws<MemToolsException>(() => block.Span.Length);
        using Stream stream = block.OpenStream();
        stream.Seek(-1, SeekOrigin.End);
        Assert.Equal((5, -1), (stream.ReadByte(), stream.ReadByte()));
        Assert.NotEqual(block.Address, pool.Rent().Address);
    }

    [Fact]
    public void A_pool_that_may_not_grow_says_so_and_gives_again_what_came_back()
    {
        using FixedPool pool = Make(64, 5, PoolGrowth.None);
        PoolBlock[] blocks = [.. Enumerable.Range(0, 5).Select(_ => pool.Rent())];
        MemToolsException e = Assert.Throws<MemToolsException>(() => pool.Rent());
        Assert.Equal(ErrorKind.PoolExhausted, e.Kind);
        Assert.Contains("Growth is None", e.Message, StringComparison.Ordinal);
        Assert.Equal((5, 0, 5, 1, 5), (pool.InUse, pool.Free, pool.HighWaterMark, pool.Failures, pool.TotalRents));
        blocks[3].Dispose();
        Assert.Equal(blocks[3].Address, pool.Rent().Address);
    }

    [Theory]
    [InlineData(PoolGrowth.Double, new long[] { 4, 8, 16, 32 })]
    [InlineData(PoolGrowth.Fixed, new long[] { 4, 8, 12, 16 })]
    public void A_pool_grows_as_it_was_told(PoolGrowth growth, long[] sizes)
    {
        using FixedPool pool = Make(64, 4, growth);
        for (int i = 0; i < sizes.Length; i++)
        {
            Assert.Equal((sizes[i], i), (pool.Blocks!.Value, pool.Growths));
            while (pool.Free > 0)
                pool.Rent();
            pool.Rent();
        }
    }

    [Fact]
    public void A_pool_does_not_grow_beyond_its_maximum()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4, MaximumSize = 10 * 64 });
        for (int i = 0; i < 10; i++)
            pool.Rent();
        MemToolsException e = Assert.Throws<MemToolsException>(() => pool.Rent());
        Assert.Equal(ErrorKind.PoolExhausted, e.Kind);
        Assert.Contains("-MaximumSize", e.Message, StringComparison.Ordinal);
        Assert.Equal(10, pool.Blocks);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Double_return_and_use_after_return_are_exceptions(bool concurrent, bool guard)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4, Concurrent = concurrent, Guard = guard });
        PoolBlock block = pool.Rent();
        PoolBlock copy = block;
        Memory<byte> memory = block.Memory;
        Stream stream = block.OpenStream();
        block.Dispose();
        Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => block.Dispose()).Kind);
        Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => pool.Return(copy)).Kind);
        PoolBlock next = pool.Rent();
        PoolBlock other = pool.Rent();
        Assert.Equal(ErrorKind.DoubleReturn, Assert.Throws<MemToolsException>(() => block.Dispose()).Kind);
        Assert.False(block.IsRented);
        Assert.True(next.IsRented && other.IsRented);
        Assert.Throws<ObjectDisposedException>(() => block.SetBytes([1]));
        Assert.Throws<ObjectDisposedException>(() => block.GetString());
        Assert.Throws<ObjectDisposedException>(() => block.ReadInt32(0));
        Assert.Throws<ObjectDisposedException>(() => block.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => memory.Pin());
        Assert.Throws<ObjectDisposedException>(() => stream.ReadByte());
        Assert.Throws<ObjectDisposedException>(() => block.OpenStream());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_block_of_another_pool_is_refused_with_its_name(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4, Concurrent = concurrent, Name = "here" });
        using FixedPool other = FixedPool.Create(new() { BlockSize = 64, Count = 4, Name = "elsewhere" });
        PoolBlock block = other.Rent();
        MemToolsException e = Assert.Throws<MemToolsException>(() => pool.Return(block));
        Assert.Equal(ErrorKind.ForeignBlock, e.Kind);
        Assert.Contains("'elsewhere", e.Message, StringComparison.Ordinal);
        Assert.True(block.IsRented);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => pool.Return(default)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => default(PoolBlock).Dispose()).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => default(PoolBlock).SetBytes([1])).Kind);
    }

    [Fact]
    public void What_does_not_lie_within_the_block_is_neither_read_nor_written()
    {
        using FixedPool pool = Make(16, 2);
        PoolBlock first = pool.Rent();
        PoolBlock second = pool.Rent();
        first.Fill(1);
        second.Fill(2);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.SetBytes(new byte[17])).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.SetBytes(-1, new byte[1])).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.SetBytes(long.MaxValue, new byte[1])).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.WriteInt64(9, 1)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.GetBytes(15, 2)).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => first.GetSpan(0, -1)).Kind);
        using Stream stream = first.OpenStream();
        stream.Position = 10;
        Assert.Throws<MemToolsException>(() => stream.Write(new byte[7]));
        Assert.All(first.GetBytes(), one => Assert.Equal(1, one));
        Assert.All(second.GetBytes(), one => Assert.Equal(2, one));
    }

    [Fact]
    public void Text_and_numbers_come_back_as_they_were_written()
    {
        using FixedPool pool = Make(100, 1);
        using PoolBlock block = pool.Rent();
        block.Fill();
        block.SetString("grün, !");
        Assert.Equal("grün, !", block.GetString());
        Assert.Equal("rün", block.GetString(1, 4));
        block.WriteInt32(50, 0x01020304, bigEndian: true);
        Assert.Equal(new byte[] { 1, 2, 3, 4 }, block.GetBytes(50, 4));
        Assert.Equal(0x01020304, block.ReadInt32(50, bigEndian: true));
        block.WriteDouble(61, Math.PI);
        Assert.Equal(Math.PI, block.ReadDouble(61));
        block.WriteUInt16(70, 65535);
        Assert.Equal((-1, 65535), (block.ReadInt16(70), block.ReadUInt16(70)));
        block.WriteByte(99, 7);
        Assert.Equal(7, block.Memory.Span[99]);
    }

    [Fact]
    public void Zeroed_blocks_are_zero_each_time()
    {
        foreach (bool concurrent in new[] { false, true })
        {
            using FixedPool pool = FixedPool.Create(new() { BlockSize = 1000, Count = 2, Zero = true, Concurrent = concurrent });
            for (int i = 0; i < 10; i++)
            {
                using PoolBlock block = pool.Rent();
                Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)0));
                block.Fill(0xFF);
            }

            FixedPoolSession session = pool.OpenSession();
            BlockHandle raw = session.RentRaw();
            unsafe
            {
                Assert.Equal(-1, new Span<byte>(raw.ToPointer(), 1000).IndexOfAnyExcept((byte)0));
            }

            session.Return(raw);
            session.Dispose();
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Removal_makes_every_block_throw(bool concurrent)
    {
        FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4, Concurrent = concurrent });
        PoolBlock block = pool.Rent();
        PoolBlock returned = pool.Rent();
        returned.Dispose();
        Memory<byte> memory = block.Memory;
        using System.Buffers.MemoryHandle pin = memory.Pin();
        pool.Dispose();
        pool.Dispose();
        foreach (Action use in (Action[])[() => block.SetBytes([1]), () => block.Dispose(), () => returned.Dispose(), () => pool.Return(block),
            () => pool.Rent(), () => pool.Trim(), () => _ = memory.Span.Length, () => pool.OpenSession()])
            Assert.Throws<ObjectDisposedException>(use);
        unsafe
        {
            // Whoever has it pinned does not crash.
            *(byte*)pin.Pointer = 1;
        }

        Assert.Equal((true, 0, 0), (pool.IsDisposed, pool.InUse, pool.MappedBytes));
        Assert.Null(pool.ResidentBytes);
        Assert.DoesNotContain(pool, MemoryPool.GetAll());
    }

    [Fact]
    public void Live_pools_are_listed_by_names_of_their_own()
    {
        string name = Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
        using FixedPool first = FixedPool.Create(new() { BlockSize = 64, Count = 4, Name = name });
        using FixedPool second = FixedPool.Create(new() { BlockSize = 64, Count = 4, Name = name });
        Assert.Equal([name, name + "#2"], MemoryPool.GetAll().Where(pool => pool.Name.StartsWith(name, StringComparison.Ordinal)).Select(pool => pool.Name));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_is_the_same_pool(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 100, Growth = PoolGrowth.None, Concurrent = concurrent });
        PoolBlock before = pool.Rent();
        FixedPoolSession session = pool.OpenSession();
        PoolBlock[] blocks = new PoolBlock[98];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = session.Rent();
        BlockHandle raw = session.RentRaw();
        bool exhausted = false;
        try
        {
            session.Rent();
        }
        catch (MemToolsException e)
        {
            exhausted = e.Kind == ErrorKind.PoolExhausted;
        }

        Assert.True(exhausted);
        session.Return(before);
        session.Return(raw);
        foreach (PoolBlock block in blocks[..50])
            session.Return(block);
        foreach (PoolBlock block in blocks[50..])
            block.Dispose();
        int refused = 0;
        foreach (PoolBlock block in (PoolBlock[])[before, blocks[0], blocks[97], default])
        {
            try
            {
                session.Return(block);
            }
            catch (MemToolsException)
            {
                refused++;
            }
        }

        Assert.Equal(4, refused);
        session.Dispose();
        session.Dispose();
        Assert.Equal((0, 100), (pool.InUse, pool.TotalRents));
        HashSet<ulong> all = [.. Enumerable.Range(0, 100).Select(_ => pool.Rent().Address)];
        Assert.Equal(100, all.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_session_that_has_ended_gives_nothing(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 10, Concurrent = concurrent });
        FixedPoolSession session = pool.OpenSession();
        PoolBlock block = session.Rent();
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => pool.OpenSession()).Kind);
        session.Dispose();
        bool refused = false;
        try
        {
            session.Rent();
        }
        catch (ObjectDisposedException)
        {
            refused = true;
        }

        Assert.True(refused);
        block.Dispose();
        pool.OpenSession().Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Neither_renting_nor_returning_allocates_managed_memory(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 4096, Concurrent = concurrent });
        PoolBlock[] blocks = new PoolBlock[1000];
        BlockHandle[] handles = new BlockHandle[1000];
        Exercise(pool, blocks, handles);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20; i++)
            Exercise(pool, blocks, handles);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Raw_handles_do_not_overlap()
    {
        using FixedPool pool = Make(16, 1000);
        FixedPoolSession session = pool.OpenSession();
        HashSet<nint> seen = [];
        for (int i = 0; i < 3000; i++)
            Assert.True(seen.Add(session.RentRaw().Address));
        foreach (nint one in seen)
            session.Return(new BlockHandle(one));
        session.Dispose();
        Assert.Equal((0, 3000, 2), (pool.InUse, pool.HighWaterMark, pool.Growths));
    }

    [Fact]
    public unsafe void A_link_that_was_written_over_is_an_exception_and_not_followed()
    {
        using FixedPool pool = Make(64, 4);
        PoolBlock first = pool.Rent();
        PoolBlock second = pool.Rent();
        Span<byte> kept = second.Span;
        first.Dispose();
        second.Dispose();
        MemoryMarshal.Write(kept, 0x123456789AL);
        pool.Rent();
        Assert.Equal(ErrorKind.BlockDamaged, Assert.Throws<MemToolsException>(() => pool.Rent()).Kind);
        Assert.Equal(ErrorKind.BlockDamaged, Assert.Throws<MemToolsException>(() => pool.Trim()).Kind);
    }

    private static void Exercise(FixedPool pool, PoolBlock[] blocks, BlockHandle[] handles)
    {
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = pool.Rent();
        foreach (PoolBlock block in blocks)
            block.Dispose();
        FixedPoolSession session = pool.OpenSession();
        for (int i = 0; i < handles.Length; i++)
            handles[i] = session.RentRaw();
        foreach (BlockHandle handle in handles)
            session.Return(handle);
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = session.Rent();
        foreach (PoolBlock block in blocks)
            session.Return(block);
        session.Dispose();
    }

    private static FixedPool Make(long size, long count, PoolGrowth growth = PoolGrowth.Double) =>
        FixedPool.Create(new() { BlockSize = size, Count = count, Growth = growth });
}
