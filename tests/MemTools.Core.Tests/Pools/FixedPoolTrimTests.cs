using MemTools.Pools;
using MemTools.Tests.Support;

namespace MemTools.Tests.Pools;

/// <summary>What is given back to the kernel, and when.</summary>
public class FixedPoolTrimTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void After_a_peak_the_mappings_are_gone(bool concurrent)
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 4096, Count = 64, Concurrent = concurrent });
        PoolBlock kept = pool.Rent();
        PoolBlock[] peak = [.. Enumerable.Range(0, 1000).Select(_ => pool.Rent())];
        Array.ForEach(peak, block => block.Fill(1));
        Assert.Equal(5, pool.Mappings);
        long mapped = pool.MappedBytes;
        Array.ForEach(peak, block => block.Dispose());
        Assert.Equal(mapped, pool.MappedBytes);
        long trimmed = pool.Trim();
        Assert.Equal((1, mapped), (pool.Mappings, pool.MappedBytes + trimmed));
        Assert.Equal(64L * 4096, pool.MappedBytes);
        Assert.InRange(pool.ResidentBytes!.Value, 4096, pool.MappedBytes);
        Assert.True(kept.IsRented);
        Assert.True(pool.HighWaterMark >= 1001);

        // And it grows again.
        PoolBlock[] again = [.. Enumerable.Range(0, 500).Select(_ => pool.Rent())];
        Assert.Equal(501, again.Append(kept).Select(block => block.Address).Distinct().Count());
        Array.ForEach(again, block => block.Dispose());
        kept.Dispose();
        pool.Trim();
        Assert.Equal((0, 0), (pool.Mappings, pool.MappedBytes));
    }

    [Theory]
    [InlineData("fixed")]
    [InlineData("concurrent")]
    [InlineData("sizeclass")]
    public void After_a_peak_they_are_gone_from_smaps(string kind)
    {
        const int size = 64 * 1024;
        using FixedPool? fixedPool = kind == "sizeclass" ? null : FixedPool.Create(new() { BlockSize = size, Count = 8, Concurrent = kind == "concurrent" });
        using SizeClassPool classes = SizeClassPool.Create();
        MemoryPool pool = fixedPool is null ? classes : fixedPool;
        PoolBlock[] peak = [.. Enumerable.Range(0, 200).Select(_ => fixedPool?.Rent() ?? classes.Rent(size))];
        foreach (PoolBlock block in peak)
        {
            block.Fill(1);
            OwnMaps.Mark(block.Address, size);
        }

        ulong[] addresses = [.. peak.Select(block => block.Address)];
        Assert.Equal(addresses, OwnMaps.Marked(addresses));
        PoolBlock kept = peak[0];
        Array.ForEach(peak[1..], block => block.Dispose());
        pool.Trim();
        // What the kept block lies among stays; the others' addresses are nobody's, or somebody else's without the mark.
        Assert.Contains(kept.Address, OwnMaps.Marked(addresses));
        Assert.True(OwnMaps.Marked(addresses).Length * size <= pool.MappedBytes);
        kept.Dispose();
        pool.Trim();
        Assert.Empty(OwnMaps.Marked(addresses));
    }

    [Fact]
    public void A_pool_that_may_not_grow_has_its_blocks_again_after_a_trim()
    {
        using FixedPool pool = FixedPool.Create(new() { BlockSize = 64, Count = 100, Growth = PoolGrowth.None });
        pool.Rent().Dispose();
        Assert.Equal(8192, pool.Trim());
        for (int i = 0; i < 100; i++)
            pool.Rent();
        Assert.Equal((100, 1), (pool.Blocks, pool.Growths));
    }

    [Fact]
    public void A_removed_pool_leaves_no_mapping()
    {
        FixedPool pool = FixedPool.Create(new() { BlockSize = 1 << 20, Count = 77, Growth = PoolGrowth.None, Zero = true });
        PoolBlock block = pool.Rent();
        block.Fill(1);
        ulong address = block.Address;
        OwnMaps.Mark(address, block.Length);
        Assert.Equal([address], OwnMaps.Marked([address]));
        block.Dispose();
        pool.Dispose();
        // Another thread's memory may be there by now, without the mark.
        Assert.Empty(OwnMaps.Marked([address]));
    }

    [Fact]
    public void Removal_with_blocks_out_gives_their_memory_back_and_their_addresses_when_they_are_forgotten()
    {
        FixedPool pool = FixedPool.Create(new() { BlockSize = 1 << 20, Count = 33 });
        PoolBlock block = pool.Rent();
        block.Fill(1);
        Span<byte> kept = block.Span;
        pool.Dispose();
        Assert.Equal(0, kept[5]);
        kept[5] = 1;
        GC.KeepAlive(block.Pool);
    }
}
