using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Bench.Running;
using MemTools.Pools;

namespace MemTools.Bench.Benchmarks;

/// <summary>The pools at the work that bench/peers/pool_peer.cpp does as well. Each run returns seconds.</summary>
internal static unsafe class PoolRuns
{
    /// <summary>Blocks that are out at the same time in a batch, and slots between two threads.</summary>
    internal const int Depth = 1024;

    private const int MixedLive = 65536;

    internal static double RawPairs(FixedPool pool, long count)
    {
        long begun = Stopwatch.GetTimestamp();
        RawPairLoop(pool, count);
        return Seconds(begun);
    }

    internal static double RawBatches(FixedPool pool, long count)
    {
        BlockHandle[] blocks = new BlockHandle[Depth];
        long begun = Stopwatch.GetTimestamp();
        RawBatchLoop(pool, blocks, count);
        return Seconds(begun);
    }

    internal static double CheckedPairs(FixedPool pool, long count)
    {
        long begun = Stopwatch.GetTimestamp();
        CheckedPairLoop(pool, count);
        return Seconds(begun);
    }

    internal static double CheckedBatches(FixedPool pool, long count)
    {
        PoolBlock[] blocks = Used(pool);
        long begun = Stopwatch.GetTimestamp();
        CheckedBatchLoop(pool, blocks, count);
        return Seconds(begun);
    }

    /// <summary>Where the handle is assigned to an array's element, of which the garbage collector is told.</summary>
    internal static double AssignedBatches(FixedPool pool, long count)
    {
        PoolBlock[] blocks = new PoolBlock[Depth];
        long begun = Stopwatch.GetTimestamp();
        AssignedBatchLoop(pool, blocks, count);
        return Seconds(begun);
    }

    /// <summary>Without a session: what a script does, from any thread.</summary>
    internal static double AnyThreadPairs(FixedPool pool, long count)
    {
        long begun = Stopwatch.GetTimestamp();
        AnyThreadPairLoop(pool, count);
        return Seconds(begun);
    }

    internal static double AnyThreadBatches(FixedPool pool, long count)
    {
        PoolBlock[] blocks = new PoolBlock[Depth];
        long begun = Stopwatch.GetTimestamp();
        AnyThreadBatchLoop(pool, blocks, count);
        return Seconds(begun);
    }

    internal static double NativePairs(int size, long count)
    {
        long begun = Stopwatch.GetTimestamp();
        NativePairLoop((nuint)size, count);
        return Seconds(begun);
    }

    internal static double NativeBatches(int size, long count)
    {
        nint[] blocks = new nint[Depth];
        long begun = Stopwatch.GetTimestamp();
        NativeBatchLoop(blocks, (nuint)size, count);
        return Seconds(begun);
    }

    internal static double ArrayPairs(int size, long count)
    {
        long begun = Stopwatch.GetTimestamp();
        ArrayPairLoop(size, count);
        return Seconds(begun);
    }

    internal static double ArrayBatches(int size, long count)
    {
        byte[][] blocks = new byte[Depth][];
        long begun = Stopwatch.GetTimestamp();
        ArrayBatchLoop(blocks, size, count);
        return Seconds(begun);
    }

    internal static double RawThreads(FixedPool pool, long count)
    {
        BlockHandle[] first = new BlockHandle[Depth];
        BlockHandle[] second = new BlockHandle[Depth];
        return PinnedPair.Time(() => RawBatchLoop(pool, first, count / 2), () => RawBatchLoop(pool, second, count / 2));
    }

    internal static double CheckedThreads(FixedPool pool, long count)
    {
        PoolBlock[] first = Used(pool);
        PoolBlock[] second = Used(pool);
        return PinnedPair.Time(() => CheckedBatchLoop(pool, first, count / 2), () => CheckedBatchLoop(pool, second, count / 2));
    }

    internal static double HandOver(FixedPool pool, long count)
    {
        HandOverSlots slots = new();
        return PinnedPair.Time(() => Produce(pool, slots, count), () => Consume(pool, slots, count));
    }

    internal static double Regions(RegionPool region, int size, long count)
    {
        BlockHandle[] blocks = new BlockHandle[Depth];
        long begun = Stopwatch.GetTimestamp();
        for (long left = count; left > 0; left -= Depth)
        {
            RegionLoop(region, blocks, (nuint)size);
            region.Reset();
        }

        return Seconds(begun);
    }

    /// <summary>Blocks of mixed sizes and random age.</summary>
    internal static double Mixed(long count, out long resident)
    {
        using SizeClassPool pool = SizeClassPool.Create();
        BlockHandle[] held = new BlockHandle[MixedLive];
        // Written to, as in C++, so that the array's pages are there before the time begins.
        Array.Clear(held);
        long before = Resident();
        long begun = Stopwatch.GetTimestamp();
        MixedLoop(pool, held, count);
        double seconds = Seconds(begun);
        resident = Resident() - before;
        return seconds;
    }

    /// <summary>Bytes on the managed heap that renting and returning took, by each kind of handle.</summary>
    internal static long Allocated(FixedPool pool)
    {
        BlockHandle[] handles = new BlockHandle[Depth];
        PoolBlock[] blocks = new PoolBlock[Depth];
        long before = GC.GetAllocatedBytesForCurrentThread();
        RawBatchLoop(pool, handles, 64 * Depth);
        CheckedBatchLoop(pool, blocks, 64 * Depth);
        AnyThreadBatchLoop(pool, blocks, 64 * Depth);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    // Each block of a pair is written to, in C++ as well: what nobody looks at a compiler may leave out.

    // A session without `using`: within try and finally the compiler would keep it in memory. The loops are compiled with
    // all optimisations once they have run often: told to do so at once, the compiler does not know which branches are rare.

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RawPairLoop(FixedPool pool, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        for (long left = count; left > 0; left--)
        {
            BlockHandle block = session.RentRaw();
            *(long*)block.Address = left;
            session.Return(block);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RawBatchLoop(FixedPool pool, BlockHandle[] blocks, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = session.RentRaw();
            for (int i = 0; i < blocks.Length; i++)
                session.Return(blocks[i]);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckedPairLoop(FixedPool pool, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        for (long left = count; left > 0; left--)
        {
            PoolBlock block = session.Rent();
            *(long*)block.Address = left;
            session.Return(block);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CheckedBatchLoop(FixedPool pool, PoolBlock[] blocks, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                session.RentInto(ref blocks[i]);
            for (int i = 0; i < blocks.Length; i++)
                session.Return(blocks[i]);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AssignedBatchLoop(FixedPool pool, PoolBlock[] blocks, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = session.Rent();
            for (int i = 0; i < blocks.Length; i++)
                session.Return(blocks[i]);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AnyThreadPairLoop(FixedPool pool, long count)
    {
        for (long left = count; left > 0; left--)
        {
            PoolBlock block = pool.Rent();
            *(long*)block.Address = left;
            pool.Return(block);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AnyThreadBatchLoop(FixedPool pool, PoolBlock[] blocks, long count)
    {
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = pool.Rent();
            for (int i = 0; i < blocks.Length; i++)
                pool.Return(blocks[i]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NativePairLoop(nuint size, long count)
    {
        for (long left = count; left > 0; left--)
        {
            void* block = NativeMemory.Alloc(size);
            *(long*)block = left;
            NativeMemory.Free(block);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void NativeBatchLoop(nint[] blocks, nuint size, long count)
    {
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = (nint)NativeMemory.Alloc(size);
            for (int i = 0; i < blocks.Length; i++)
                NativeMemory.Free((void*)blocks[i]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ArrayPairLoop(int size, long count)
    {
        ArrayPool<byte> pool = ArrayPool<byte>.Shared;
        for (long left = count; left > 0; left--)
        {
            byte[] block = pool.Rent(size);
            Unsafe.WriteUnaligned(ref block[0], left);
            pool.Return(block);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ArrayBatchLoop(byte[][] blocks, int size, long count)
    {
        ArrayPool<byte> pool = ArrayPool<byte>.Shared;
        for (long left = count; left > 0; left -= Depth)
        {
            for (int i = 0; i < blocks.Length; i++)
                blocks[i] = pool.Rent(size);
            for (int i = 0; i < blocks.Length; i++)
                pool.Return(blocks[i]);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Produce(FixedPool pool, HandOverSlots slots, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        BlockHandle[] blocks = slots.Blocks;
        long seen = 0;
        int spins = 0;
        for (long i = 0; i < count; i++)
        {
            BlockHandle block = session.RentRaw();
            while (i - seen == Depth && i - (seen = Volatile.Read(ref slots.Indexes.Taken)) == Depth)
                PinnedPair.Wait(++spins);
            blocks[i & (Depth - 1)] = block;
            Volatile.Write(ref slots.Indexes.Written, i + 1);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Consume(FixedPool pool, HandOverSlots slots, long count)
    {
        FixedPoolSession session = pool.OpenSession();
        BlockHandle[] blocks = slots.Blocks;
        long seen = 0;
        int spins = 0;
        for (long i = 0; i < count; i++)
        {
            while (i == seen && i == (seen = Volatile.Read(ref slots.Indexes.Written)))
                PinnedPair.Wait(++spins);
            session.Return(blocks[i & (Depth - 1)]);
            Volatile.Write(ref slots.Indexes.Taken, i + 1);
        }

        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RegionLoop(RegionPool region, BlockHandle[] blocks, nuint size)
    {
        RegionSession session = region.OpenSession();
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = session.RentRaw(size);
        session.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void MixedLoop(SizeClassPool pool, BlockHandle[] held, long count)
    {
        SizeClassSession session = pool.OpenSession();
        ulong random = 88172645463325252;
        for (long i = 0; i < count; i++)
        {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            ref BlockHandle slot = ref held[(int)(random & (MixedLive - 1))];
            uint start = 16u << (int)((random >> 20) & 7);
            uint size = start + ((uint)(random >> 32) & (start - 1));
            if (slot.Address != 0)
                session.Return(slot);
            slot = session.RentRaw(size);
            *(byte*)slot.Address = 1;
        }

        session.Dispose();
    }

    /// <summary>An array that had handles of the pool before, so that each is written over one. That is so in all rounds but the first.</summary>
    private static PoolBlock[] Used(FixedPool pool)
    {
        PoolBlock[] blocks = new PoolBlock[Depth];
        AnyThreadBatchLoop(pool, blocks, Depth);
        return blocks;
    }

    private static double Seconds(long begun) => Stopwatch.GetElapsedTime(begun).TotalSeconds;

    private static long Resident() =>
        long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize;

    /// <summary>Between two threads.</summary>
    private sealed class HandOverSlots
    {
        internal readonly BlockHandle[] Blocks = new BlockHandle[Depth];
        internal HandOverIndexes Indexes;
    }

    /// <summary>Each on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct HandOverIndexes
    {
        [FieldOffset(128)]
        internal long Written;

        [FieldOffset(256)]
        internal long Taken;
    }
}
