using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>
/// A rented block. Every use is checked: after its return, after the pool's removal and outside its bounds there is an
/// exception, never a crash. Copies of this structure are the same block: once one is returned, all are.
/// </summary>
/// <remarks>
/// A span or pinned pointer that was taken from it is beyond these checks, as spans are: let go of it before returning
/// the block.
/// </remarks>
public readonly partial struct PoolBlock : IDisposable, IEquatable<PoolBlock>, IByteAccess
{
    internal readonly BlockTable? Table;
    internal readonly long Generation;

    /// <summary>How far from the beginning of the table it lies: see <see cref="BlockTable.PlaceOf"/>.</summary>
    internal readonly uint Place;

    /// <summary>Of a fixed pool's block its number in the table; of any other by how much it is shorter than those of its table.</summary>
    internal readonly int Detail;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal PoolBlock(BlockTable table, uint place, long generation, int detail = 0)
    {
        Table = table;
        Place = place;
        Generation = generation;
        Detail = detail;
    }

    /// <summary>The pool that it is of; null for the empty block.</summary>
    public MemoryPool? Pool => Table?.Pool;

    /// <summary>Where it begins in this process's memory; 0 for the empty block.</summary>
    public ulong Address => Table is { } table ? (ulong)table.AddressAt(Place) : 0;

    /// <summary>In bytes.</summary>
    public long Length => Table is not { } table ? 0 : table.Fixed is null ? table.BlockLength - Detail : table.BlockLength;

    /// <summary>Whether it can be used: rented, and its pool not removed.</summary>
    public bool IsRented => Table is { } table && table.Pool.IsRented(table, Place, Generation);

    /// <summary>All of its bytes, without a copy. For .NET programs: PowerShell has no spans.</summary>
    /// <exception cref="ObjectDisposedException">It has been returned, or its pool removed.</exception>
    /// <exception cref="MemToolsException">It is longer than a span can be (2 GiB): <see cref="GetSpan"/> gives a part.</exception>
    public Span<byte> Span => GetSpan(0, SpanLength());

    /// <summary>The same for what works asynchronously. Each use checks that the block is still rented.</summary>
    public Memory<byte> Memory
    {
        get
        {
            int length = SpanLength();
            Check();
            return new PoolBlockMemory(this, length).Memory;
        }
    }

    /// <summary>A part of it, without a copy.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many.</param>
    public unsafe Span<byte> GetSpan(long offset, int count)
    {
        Check(offset, count);
        return new((byte*)Table!.AddressAt(Place) + offset, count);
    }

    /// <summary>A stream over the block, which cannot grow. Closing it leaves the block rented.</summary>
    public Stream OpenStream() => new ByteAccessStream(this);

    /// <summary>Returns it to its pool.</summary>
    /// <exception cref="MemToolsException">DoubleReturn: it has been returned already.</exception>
    /// <exception cref="ObjectDisposedException">The pool has been removed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        if (Table?.Fixed is { } pool)
            pool.Return(this);
        else
            DisposeElsewhere();
    }

    /// <summary>Overwrites a handle by one of another block of the same table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Renew(ref PoolBlock handle, uint place, long generation, int detail)
    {
        Unsafe.AsRef(in handle.Generation) = generation;
        Unsafe.AsRef(in handle.Place) = place;
        Unsafe.AsRef(in handle.Detail) = detail;
    }

    /// <summary>Whether both are the same rent of the same block.</summary>
    public static bool operator ==(PoolBlock left, PoolBlock right) => left.Equals(right);

    /// <summary>Whether they are two rents.</summary>
    public static bool operator !=(PoolBlock left, PoolBlock right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(PoolBlock other) =>
        Table == other.Table && Place == other.Place && Generation == other.Generation && Detail == other.Detail;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PoolBlock other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Table, Place, Generation);

    /// <summary>For people.</summary>
    public override string ToString() => $"{HumanUnits.Size(Length)} at 0x{Address:x}";

    internal void Check()
    {
        if (!IsRented)
            throw PoolErrors.Invalid(this);
    }

    internal void Check(long offset, long count)
    {
        Check();
        if (offset < 0 || count < 0 || offset > Length || count > Length - offset)
            throw PoolErrors.OutOfRange(this, offset, count);
    }

    private int SpanLength() => Length <= Array.MaxLength
        ? (int)Length
        : throw new MemToolsException(ErrorKind.Misuse, $"The block has {Length} bytes, and a span at most {Array.MaxLength}. GetSpan(offset, count) gives a part.");

    private void DisposeElsewhere()
    {
        if (Table is not { } table)
            throw PoolErrors.Invalid(this);
        table.Pool.Return(this);
    }
}
