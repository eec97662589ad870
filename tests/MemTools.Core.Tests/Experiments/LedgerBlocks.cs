using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using MemTools.Experiments;

namespace MemTools.Tests.Experiments;

/// <summary>A block that is only a number.</summary>
internal readonly record struct LedgerBlock(long Number);

/// <summary>What an allocator that has no memory wrote down.</summary>
internal sealed class Ledger
{
    private long _allocated;
    private long _wrong;
    private long _peak;
    private long _largest;

    internal ConcurrentDictionary<long, nuint> Live { get; } = new();

    internal long FailAt { get; init; } = long.MaxValue;

    internal long Allocated => _allocated;

    /// <summary>Releases of blocks that were not there, or had another size.</summary>
    internal long Wrong => _wrong;

    internal long Peak => _peak;

    internal long Largest => _largest;

    internal LedgerBlock Allocate(nuint size)
    {
        long number = Interlocked.Increment(ref _allocated);
        if (number >= FailAt)
            throw new InvalidOperationException("no more");
        Live[number] = size;
        lock (Live)
        {
            _peak = Math.Max(_peak, Live.Count);
            _largest = Math.Max(_largest, (long)size);
        }

        return new(number);
    }

    internal void Free(LedgerBlock block, nuint size)
    {
        if (!Live.TryRemove(block.Number, out nuint known) || known != size)
            Interlocked.Increment(ref _wrong);
    }
}

/// <summary>The allocator that keeps it.</summary>
internal readonly struct LedgerBlocks(Ledger ledger) : IBlockAllocator<LedgerBlock>
{
    public LedgerBlock Allocate(nuint size) => ledger.Allocate(size);

    public void Free(LedgerBlock block, nuint size) => ledger.Free(block, size);

    public static ref byte FirstByte(LedgerBlock block) => ref Unsafe.NullRef<byte>();
}
