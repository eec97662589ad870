using System.Buffers;

namespace MemTools.Pools;

/// <summary>A link of the chain that a <see cref="ReadOnlySequence{T}"/> walks along.</summary>
internal sealed class SequencePart : ReadOnlySequenceSegment<byte>
{
    private SequencePart(CompositeSegment segment)
    {
        Memory = segment.Memory;
        RunningIndex = segment.Offset;
    }

    internal static ReadOnlySequence<byte> Chain(CompositeSegment[] segments)
    {
        if (segments.Length == 0)
            return ReadOnlySequence<byte>.Empty;
        SequencePart first = new(segments[0]);
        SequencePart last = first;
        foreach (CompositeSegment segment in segments.AsSpan(1))
        {
            SequencePart next = new(segment);
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
