using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>What a guarded pool finds out about raw memory.</summary>
public class GuardedPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(4096)]
    public unsafe void A_byte_past_the_end_is_found_at_the_return_with_the_place_of_the_rent(int size)
    {
        using FixedPool pool = Make(size);
        BlockHandle block = RentForTest(pool);
        ((byte*)block.ToPointer())[size] = 0;
        BlockDamage damage = Assert.Single(pool.FindDamage());
        Assert.Equal(("WrittenPastEnd", (long)size), (damage.Damage, damage.Offset));
        MemToolsException e = Refused(ErrorKind.BlockDamaged, pool, block);
        Assert.Contains("past the end", e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(RentForTest), e.Message, StringComparison.Ordinal);
        Assert.Equal(0, pool.InUse);
        Assert.Empty(pool.FindDamage());
    }

    [Fact]
    public unsafe void A_byte_before_the_beginning_is_found()
    {
        using FixedPool pool = Make(64);
        BlockHandle block = RentForTest(pool);
        ((byte*)block.ToPointer())[-1] = 0;
        Assert.Contains("before the beginning", Refused(ErrorKind.BlockDamaged, pool, block).Message, StringComparison.Ordinal);
    }

    [Fact]
    public unsafe void A_write_after_the_return_is_found_at_the_next_rent_with_both_places()
    {
        using FixedPool pool = Make(64, count: 1);
        BlockHandle block = RentForTest(pool);
        ReturnForTest(pool, block);
        ((byte*)block.ToPointer())[63] = 5;
        MemToolsException e = Assert.Throws<MemToolsException>(() => pool.Rent());
        Assert.Equal(ErrorKind.BlockDamaged, e.Kind);
        Assert.Contains(nameof(RentForTest), e.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ReturnForTest), e.Message, StringComparison.Ordinal);
        // It was repaired.
        pool.Rent().Dispose();
    }

    [Fact]
    public void A_raw_handle_that_is_returned_twice_is_refused_with_the_place_of_the_first_time()
    {
        using FixedPool pool = Make(64);
        BlockHandle block = RentForTest(pool);
        ReturnForTest(pool, block);
        MemToolsException e = Refused(ErrorKind.DoubleReturn, pool, block);
        Assert.Contains(nameof(ReturnForTest), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-64)]
    [InlineData(1 << 30)]
    public void A_foreign_address_is_refused(int offset)
    {
        using FixedPool pool = Make(64);
        BlockHandle block = RentForTest(pool);
        _ = Refused(ErrorKind.ForeignBlock, pool, new(block.Address + offset));
        _ = Refused(ErrorKind.ForeignBlock, pool, default);
    }

    [Fact]
    public void Blocks_that_are_out_are_listed_with_their_places()
    {
        using FixedPool pool = Make(64);
        BlockHandle raw = RentForTest(pool);
        PoolBlock block = pool.Rent();
        IReadOnlyList<RentedBlock> rented = pool.GetRented();
        Assert.Equal([(ulong)raw.Address, block.Address], rented.OrderBy(one => one.RentNumber).Select(one => one.Address));
        Assert.Contains(nameof(RentForTest), rented.Single(one => one.Address == (ulong)raw.Address).RentedAt, StringComparison.Ordinal);
        block.Dispose();
        Assert.Single(pool.GetRented());
    }

    [Fact]
    public void The_page_behind_the_blocks_cannot_be_touched()
    {
        using FixedPool pool = Make(64, count: 100);
        PoolBlock last = Enumerable.Range(0, 100).Select(_ => pool.Rent()).MaxBy(block => block.Address);
        // The canary of the last block, as long as the block is aligned to, ends where the page begins.
        ulong behind = last.Address + 128;
        Assert.StartsWith("---p", OwnMaps.PermissionsAt(behind), StringComparison.Ordinal);
        Assert.StartsWith("rw-p", OwnMaps.PermissionsAt(behind - 1), StringComparison.Ordinal);
    }

    [Fact]
    public void Guard_works_with_growth_zeroing_trimming_and_threads()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 48, Count = 10, Guard = true, Zero = true, Concurrent = true });
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 200; i++)
            {
                PoolBlock[] blocks = [.. Enumerable.Range(0, 5).Select(_ => pool.Rent())];
                foreach (PoolBlock block in blocks)
                {
                    Assert.Equal(-1, block.Span.IndexOfAnyExcept((byte)0));
                    block.Fill(1);
                }

                foreach (PoolBlock block in blocks)
                    block.Dispose();
            }
        });
        Assert.Equal((0, 8000), (pool.InUse, pool.TotalRents));
        Assert.InRange(pool.HighWaterMark, 5, 40);
        Assert.Empty(pool.FindDamage());
        Assert.True(pool.Trim() > 0);
        Assert.Equal(0, pool.MappedBytes);
        pool.Rent().Dispose();
    }

    [Fact]
    public void Only_a_guarded_pool_looks_for_damage()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 48, Count = 10 });
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(() => pool.FindDamage()).Kind);
        Assert.Equal(ErrorKind.Misuse, Assert.Throws<MemToolsException>(
            () => FixedPool.Create(new() { BlockSize = 48, Count = 10, Guard = true, HugePage = true })).Kind);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BlockHandle RentForTest(FixedPool pool)
    {
        FixedPoolSession session = pool.OpenSession();
        BlockHandle block = session.RentRaw();
        session.Dispose();
        return block;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ReturnForTest(FixedPool pool, BlockHandle block)
    {
        using FixedPoolSession session = pool.OpenSession();
        session.Return(block);
    }

    private static MemToolsException Refused(ErrorKind kind, FixedPool pool, BlockHandle block)
    {
        MemToolsException e = Assert.Throws<MemToolsException>(() => ReturnForTest(pool, block));
        Assert.Equal(kind, e.Kind);
        return e;
    }

    private static FixedPool Make(long size, long count = 10) => FixedPool.Create(new() { BlockSize = size, Count = count, Guard = true });
}
