using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Keeps what the workers of a run throw away from piling up. The runtime lets its youngest generation grow to about half of
/// the processor's last-level cache before it collects, which on a server is 50 MiB and more, and all of it stays resident.
/// </summary>
internal sealed class GarbageBound
{
    /// <summary>Of all workers together, in bytes: some nine thousand files. A collection stops all threads of the shell for milliseconds.</summary>
    private const long Most = 20 * 1024 * 1024;

    private readonly long _share;
    private long _allocated;
    private int _collections;

    /// <param name="workers">Among how many threads the bound is shared out.</param>
    internal GarbageBound(int workers) => _share = Most / workers;

    /// <summary>Collects where the calling thread has allocated its share since anybody did. For one thread.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Check()
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        bool someoneDid = GC.CollectionCount(0) != _collections;
        if (!someoneDid && allocated - _allocated < _share)
            return;
        // The second generation too: outcomes that waited for the name of a directory have got there, and then go.
        if (!someoneDid)
            GC.Collect(1);
        _collections = GC.CollectionCount(0);
        _allocated = allocated;
    }
}
