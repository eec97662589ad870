using System.Runtime.CompilerServices;

namespace MemTools.Pools;

/// <summary>
/// A rented block as an address and nothing else: as fast as a pointer, and as dangerous. Whoever returns it twice, or
/// uses it afterwards, damages the pool. <see cref="PoolBlock"/> is the handle that checks.
/// </summary>
/// <param name="address">Of its first byte.</param>
public readonly unsafe struct BlockHandle(nint address) : IEquatable<BlockHandle>
{
    /// <summary>Where the block begins.</summary>
    public nint Address
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => address;
    }

    /// <summary>The same as a pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void* ToPointer() => (void*)address;

    /// <summary>Whether both are the same block.</summary>
    public static bool operator ==(BlockHandle left, BlockHandle right) => left.Address == right.Address;

    /// <summary>Whether they are two blocks.</summary>
    public static bool operator !=(BlockHandle left, BlockHandle right) => left.Address != right.Address;

    /// <inheritdoc/>
    public bool Equals(BlockHandle other) => Address == other.Address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BlockHandle other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode();

    /// <summary>The address in hexadecimal.</summary>
    public override string ToString() => $"0x{Address:x}";
}
