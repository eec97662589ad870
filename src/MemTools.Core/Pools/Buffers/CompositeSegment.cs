using System.Buffers;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>A part of a composite, as Memory that is good for as long as the composite is.</summary>
internal sealed unsafe class CompositeSegment : MemoryManager<byte>
{
    /// <summary>A power of two, so that the offsets in a long part stay aligned.</summary>
    internal const int MaximumLength = 1 << 30;

    private readonly CompositeParts _parts;
    private int _pins;

    internal CompositeSegment(CompositeParts parts, NativeStorage storage, long start, int length, long offset)
    {
        _parts = parts;
        Storage = storage;
        Start = start;
        Length = length;
        Offset = offset;
    }

    /// <summary>What it is a part of.</summary>
    internal NativeStorage Storage { get; }

    /// <summary>Its first byte, from the beginning of that.</summary>
    internal long Start { get; }

    /// <summary>In bytes.</summary>
    internal int Length { get; }

    /// <summary>Its first byte, from the beginning of the composite.</summary>
    internal long Offset { get; }

    /// <summary>For whoever holds the parts.</summary>
    internal byte* Address => (byte*)Storage.Address + Start;

    public override Memory<byte> Memory => CreateMemory(Length);

    public override Span<byte> GetSpan()
    {
        Span<byte> span = Storage.SpanOf(Start, Length);
        // Checked last: a span that was taken before the parts were let go of is one that their memory knows of.
        ObjectDisposedException.ThrowIf(_parts.IsClosed, typeof(CompositeBuffer));
        return span;
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        if ((uint)elementIndex > (uint)Length)
            throw new MemToolsException(ErrorKind.Misuse, $"Byte {elementIndex} does not lie within a part of {Length}.");
        bool held = false;
        _parts.DangerousAddRef(ref held);
        Interlocked.Increment(ref _pins);
        return new(Address + elementIndex, default, this);
    }

    public override void Unpin()
    {
        PinCount.Remove(ref _pins);
        _parts.DangerousRelease();
    }

    protected override void Dispose(bool disposing)
    {
        // The composite holds and lets go.
    }
}
