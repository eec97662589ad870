using System.Diagnostics.CodeAnalysis;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Memory outside the garbage collector's heap that is handed out in blocks and taken back.</summary>
/// <remarks>
/// Blocks are reached through <see cref="PoolBlock"/>, which checks every use: nothing that is done with one can end the
/// process. What is never disposed is unmapped when neither the pool nor a block of it is referred to any more.
/// </remarks>
public abstract class MemoryPool : ILiveObject
{
    private static readonly LiveObjects<MemoryPool> Live = new("memory pool");

    private protected MemoryPool(string name) => Name = name;

    /// <summary>What commands know it by.</summary>
    public string Name { get; }

    /// <summary>Fixed, Region or SizeClass.</summary>
    public abstract string Kind { get; }

    /// <summary>Bytes of a block that was asked for; null where blocks have different lengths.</summary>
    public abstract long? BlockSize { get; }

    /// <summary>Blocks that are mapped, rented or free; null where memory is not divided before it is rented.</summary>
    public abstract long? Blocks { get; }

    /// <summary>Blocks that are rented now.</summary>
    public abstract long InUse { get; }

    /// <summary>Blocks that are mapped and free; null where memory is not divided before it is rented.</summary>
    public long? Free => Blocks - InUse;

    /// <summary>The most blocks that were rented at the same time. Those in threads' caches are not rented.</summary>
    public abstract long HighWaterMark { get; }

    /// <summary>Bytes of all its mappings.</summary>
    public abstract long MappedBytes { get; }

    /// <summary>Bytes of them that are in memory now; null when the pool is removed, and where the kernel does not tell.</summary>
    public abstract long? ResidentBytes { get; }

    /// <summary>How often it mapped memory after it was made.</summary>
    public abstract long Growths { get; }

    /// <summary>How often it had no block to give.</summary>
    public abstract long Failures { get; }

    /// <summary>Bytes of mapped memory that no block can use: what sizes were rounded up by, and the ends of mappings.</summary>
    public abstract long WasteBytes { get; }

    /// <summary>How many blocks it has given out in its life.</summary>
    public abstract long TotalRents { get; }

    /// <summary>Whether it has been removed.</summary>
    public abstract bool IsDisposed { get; }

    /// <summary>Whether it keeps where each block was rented.</summary>
    public abstract bool IsTracking { get; }

    /// <summary>Those that have not been disposed, in the order of their making.</summary>
    public static IReadOnlyList<MemoryPool> GetAll() => Live.All();

    /// <summary>Gives a block back; the same as disposing it, but for the check that it is of this pool.</summary>
    /// <param name="block">A block that was rented here.</param>
    /// <exception cref="MemToolsException">DoubleReturn, ForeignBlock; BlockDamaged in a guarded pool.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [SuppressMessage("Naming", "CA1716", Justification = "C# takes it, and Rent asks for it.")]
    public abstract void Return(PoolBlock block);

    /// <summary>Gives back to the kernel all mappings of which no block is rented.</summary>
    /// <returns>Bytes that were unmapped.</returns>
    public abstract long Trim();

    /// <summary>The blocks that are rented now, with the place where, if the pool keeps that.</summary>
    /// <remarks>A block that was rented as <see cref="BlockHandle"/> is known to a guarded pool only.</remarks>
    public abstract IReadOnlyList<RentedBlock> GetRented();

    /// <summary>
    /// Removes the pool and unmaps its memory. Blocks that are still rented throw ObjectDisposedException from now on;
    /// their memory is given back, and their addresses once nobody refers to the blocks.
    /// </summary>
    public void Dispose()
    {
        Live.Remove(this);
        Close();
        GC.SuppressFinalize(this);
    }

    /// <summary>For people.</summary>
    public override string ToString() => Name;

    private protected static T Register<T>(string wish, Func<string, T> make)
        where T : MemoryPool => (T)Live.Add(wish, make);

    /// <summary>Does what <see cref="Dispose"/> promises; again, nothing.</summary>
    private protected abstract void Close();

    /// <summary>Whether a handle is that of the present rent.</summary>
    internal virtual bool IsRented(BlockTable table, uint place, long generation) =>
        !IsDisposed && table.HasGenerations && Volatile.Read(ref table.GenerationAt(place)) == generation;

    internal ObjectDisposedException Gone() => new(Name, $"The pool '{Name}' has been removed, and all its blocks with it.");
}
