using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using MemTools.Rings;

namespace MemTools.Bench.Benchmarks;

/// <summary>A queue as the loops of <see cref="QueueRuns"/> see it: a structure, so that the compiler makes a loop for each.</summary>
/// <remarks>Those of references are no generic types: code that is shared between these would slow the peers down.</remarks>
internal interface IQueue<T>
{
    bool TryWrite(T item);

    bool TryRead([MaybeNullWhen(false)] out T item);
}

internal readonly struct SpscRingQueue<T>(SpscRing<T> ring) : IQueue<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWrite(T item) => ring.TryWrite(item);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead([MaybeNullWhen(false)] out T item) => ring.TryRead(out item);
}

internal readonly struct ObjectRingQueue(ObjectRing ring) : IQueue<object>
{
    public bool TryWrite(object item) => ring.TryWrite(item);

    public bool TryRead([MaybeNullWhen(false)] out object item) => ring.TryRead(out item);
}

internal readonly struct ChannelQueue<T>(Channel<T> channel) : IQueue<T>
{
    public bool TryWrite(T item) => channel.Writer.TryWrite(item);

    public bool TryRead([MaybeNullWhen(false)] out T item) => channel.Reader.TryRead(out item);
}

internal readonly struct UnboundedQueue(ConcurrentQueue<object> queue) : IQueue<object>
{
    public bool TryWrite(object item)
    {
        queue.Enqueue(item);
        return true;
    }

    public bool TryRead([MaybeNullWhen(false)] out object item) => queue.TryDequeue(out item);
}

internal readonly struct CollectionQueue(BlockingCollection<object> collection) : IQueue<object>
{
    public bool TryWrite(object item) => collection.TryAdd(item);

    public bool TryRead([MaybeNullWhen(false)] out object item) => collection.TryTake(out item);
}
