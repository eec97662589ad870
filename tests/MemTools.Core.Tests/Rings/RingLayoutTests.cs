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
        { typeof(SideClaim), [nameof(SideClaim.Inside)] },
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
}
