using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Rings;

namespace MemTools.Tests.Rings;

/// <summary>What different threads write lies on different pairs of cache lines, wherever the collector puts the object.</summary>
public class RingLayoutTests
{
    private const int Pair = 128;

    public static TheoryData<Type, string[]> Structures => new()
    {
        { typeof(SpscIndices), [nameof(SpscIndices.Tail), nameof(SpscIndices.Head)] },
        { typeof(SpscIndices), [nameof(SpscIndices.WriteLimit), nameof(SpscIndices.ReadLimit)] },
        { typeof(SpscIndices), [nameof(SpscIndices.WriteLimit), nameof(SpscIndices.Head)] },
        { typeof(SpscIndices), [nameof(SpscIndices.Tail), nameof(SpscIndices.ReadLimit)] },
        { typeof(MpmcIndices), [nameof(MpmcIndices.Tail), nameof(MpmcIndices.Head)] },
        { typeof(PipeIndices), [nameof(PipeIndices.Written), nameof(PipeIndices.Shown), nameof(PipeIndices.Read)] },
        { typeof(PipeIndices), [nameof(PipeIndices.WriteAt), nameof(PipeIndices.Shown), nameof(PipeIndices.ReadAt)] },
        { typeof(PaddedLock), ["_taken"] },
    };

    [Theory]
    [MemberData(nameof(Structures))]
    public void Threads_do_not_share_lines(Type structure, string[] fields)
    {
        int[] offsets = [.. fields.Select(field => (int)Marshal.OffsetOf(structure, field))];
        int size = Marshal.SizeOf(structure);
        Assert.All(offsets, offset => Assert.True(offset >= Pair && offset <= size - Pair, $"{offset} of {size}"));
        foreach ((int one, int next) in offsets.Zip(offsets.Skip(1)))
            Assert.True(Math.Abs(next - one) >= Pair, $"{one} and {next}");
    }

    /// <summary>They refer to a thread, so that only the runtime itself knows where their fields are.</summary>
    [Fact]
    public void What_a_thread_stores_in_its_claim_is_on_lines_of_its_own()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        SideClaim side = new(thread: null);
        long between = GC.GetAllocatedBytesForCurrentThread();
        RingClaim ring = new(thread: null);
        long after = GC.GetAllocatedBytesForCurrentThread();
        Apart(OffsetOf(side, ref side.Inside), between - before);
        Apart(OffsetOf(side, ref side.Stack), between - before);
        Apart(OffsetOf(ring, ref ring.State), after - between);
        Apart(OffsetOf(ring, ref ring.Other), after - between);

        static void Apart(long offset, long size) =>
            // Its size counts two words before the first field.
            Assert.True(offset >= Pair && offset + (2 * sizeof(long)) <= size - Pair, $"{offset} of {size}");
    }

    private static long OffsetOf<T>(object of, ref T field)
    {
        ref byte first = ref Unsafe.As<FirstByte>(of).Value;
        return Unsafe.ByteOffset(ref first, ref Unsafe.As<T, byte>(ref field));
    }

    private sealed class FirstByte
    {
#pragma warning disable CS0649 // Never assigned: it is another object that is looked at.
        internal byte Value;
#pragma warning restore CS0649
    }
}
