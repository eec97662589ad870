using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>How the blocks of a fixed pool lie in its mappings.</summary>
internal sealed class FixedPoolLayout
{
    /// <summary>malloc's alignment; blocks of 8 bytes and fewer need no more than their own size.</summary>
    private const int Granule = 16;

    /// <summary>A free block holds the address of the next one.</summary>
    private const int Smallest = 8;

    /// <exception cref="MemToolsException">The options make no sense.</exception>
    internal FixedPoolLayout(FixedPoolOptions options)
    {
        Refuse(options.BlockSize is < 1 or > PoolMemory.Largest, $"A block has 1 byte to {HumanUnits.Size(PoolMemory.Largest)}, not {options.BlockSize} bytes.");
        Refuse(options.Count < 1, $"A pool has 1 block or more, not {options.Count}.");
        BlockSize = options.BlockSize;
        long plain = BlockSize <= Smallest ? Smallest : PoolMemory.RoundUp(BlockSize, Granule);
        Alignment = PoolMemory.AlignmentOf(plain);
        // In a guarded pool there is a canary before and behind each block.
        CanaryLength = options.Guard ? Math.Max(Granule, Alignment) : 0;
        Stride = options.Guard ? CanaryLength + PoolMemory.RoundUp(plain + Granule, CanaryLength) : plain;
        HasGuardPage = options.Guard;
        Refuse(options.Count > PoolMemory.Largest / Stride, $"{options.Count} blocks of {HumanUnits.Size(BlockSize)} are more than there are addresses.");
        Refuse(options.MaximumSize < Stride, $"A -MaximumSize of {options.MaximumSize} bytes has no room for a block, which takes {Stride}.");
        Refuse(options.MaximumSize < Stride * options.Count, $"{options.Count} blocks take {Stride * options.Count} bytes, more than the -MaximumSize of {options.MaximumSize}.");
        Refuse(options.Guard && options.HugePage, "The inaccessible page of -Guard would cost a whole huge page for each mapping. Use -Guard or -HugePage.");
    }

    internal long BlockSize { get; }

    /// <summary>From one block to the next.</summary>
    internal long Stride { get; }

    internal long Alignment { get; }

    /// <summary>Bytes before each block that nobody may write.</summary>
    internal long CanaryLength { get; }

    /// <summary>Whether a page that cannot be touched follows the last block.</summary>
    internal bool HasGuardPage { get; }

    private static void Refuse(bool condition, string message)
    {
        if (condition)
            throw new MemToolsException(ErrorKind.Misuse, message);
    }
}
