using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Rings;

/// <summary>A row of items of a pipe queue.</summary>
internal sealed class PipeChunk<T>
{
    private readonly T[] _items;

    internal PipeChunk(int size) => _items = new T[size];

    /// <summary>The chunk behind. Set by the writer before anything in it is published, and taken off by the reader when it is done with this one.</summary>
    internal PipeChunk<T>? Next;

    /// <summary>
    /// The chunk before, as long as the writer may take back what is in it. The writer looks at it only where that one holds
    /// unpublished items; the reader takes it off when it enters this one, that is when nothing in that one is unpublished.
    /// </summary>
    internal PipeChunk<T>? Previous;

    /// <summary>A place that the caller knows to be in the chunk.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref T Item(int at) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_items), (nint)(uint)at);
}
