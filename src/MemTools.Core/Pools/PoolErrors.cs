using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>What can be wrong with a block, in words.</summary>
internal static class PoolErrors
{
    internal static Exception Invalid(in PoolBlock block)
    {
        if (block.Table is not { } table)
            return new MemToolsException(ErrorKind.Misuse, "This block was never rented: it is the empty one. $pool.Rent() gives a block.");
        return table.Pool.IsDisposed
            ? table.Pool.Gone()
            : new ObjectDisposedException(table.Pool.Name, $"The block at 0x{block.Address:x} has been returned to the pool '{table.Pool.Name}'. Rent another one.");
    }

    internal static Exception Returned(MemoryPool pool, ulong address, string? earlier = null) => pool.IsDisposed
        ? pool.Gone()
        : new MemToolsException(
            ErrorKind.DoubleReturn,
            $"The block at 0x{address:x} is not rented: it has been returned to the pool '{pool.Name}' before{(earlier is null ? "." : $", at {earlier}.")}");

    internal static MemToolsException Foreign(MemoryPool pool, ulong address, MemoryPool? owner) => new(
        ErrorKind.ForeignBlock,
        owner is null
            ? $"No block of the pool '{pool.Name}' begins at 0x{address:x}."
            : $"The block at 0x{address:x} is of the pool '{owner.Name}', not of '{pool.Name}'. Return it there, or dispose it.");

    internal static MemToolsException OutOfRange(in PoolBlock block, long offset, long count) => new(
        ErrorKind.Misuse, $"Bytes {offset} to {offset + (Int128)count} do not lie within the block, which has {block.Length}.");

    internal static MemToolsException Broken(MemoryPool pool, nint address) => new(
        ErrorKind.BlockDamaged,
        $"The list of free blocks of the pool '{pool.Name}' is damaged at 0x{address:x}: somebody wrote into a block after its return, or returned one twice as a raw handle. A pool with -Guard tells who.");
}
