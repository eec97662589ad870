namespace MemTools.Pools;

/// <summary>
/// Where threads find their cache of a pool. The index is a small number, used again when the pool is gone; the id never
/// is, so that the cache of an earlier pool is not taken for one of this.
/// </summary>
internal sealed class PoolNumber
{
    private static readonly Stack<int> Unused = new();
    private static int s_indexes;
    private static long s_ids;

    internal PoolNumber()
    {
        lock (Unused)
        {
            Index = Unused.TryPop(out int index) ? index : s_indexes++;
            Id = ++s_ids;
        }
    }

    ~PoolNumber()
    {
        lock (Unused)
            Unused.Push(Index);
    }

    internal readonly int Index;

    internal readonly long Id;
}
