using System.Buffers;
using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>A block for APIs that take Memory. It does not own the block, and returns nothing when it is disposed.</summary>
internal sealed unsafe class PoolBlockMemory(PoolBlock block, int length) : MemoryManager<byte>
{
    public override Memory<byte> Memory => CreateMemory(length);

    public override Span<byte> GetSpan() => block.GetSpan(0, length);

    /// <summary>While it is pinned its memory stays mapped, though not its own if it is returned.</summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length, nameof(elementIndex));
        Kernel.Mapping memory = PoolBlock.Hold.Keep(block);
        return new((byte*)block.Address + elementIndex, pinnable: new Pinned(memory));
    }

    /// <summary>Each pin counts for itself: see <see cref="Pinned"/>.</summary>
    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
    }

    private sealed class Pinned(Kernel.Mapping memory) : IPinnable
    {
        private int _released;

        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException("Pin the block's Memory.");

        public void Unpin()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                memory.DangerousRelease();
        }
    }
}
