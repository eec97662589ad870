using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Network.Wire;

/// <summary>Takes numbers and bytes from the body of a frame; whoever asks for more than there is gets a violation.</summary>
internal ref struct WireReader(ReadOnlySpan<byte> body)
{
    private ReadOnlySpan<byte> _rest = body;

    internal readonly bool IsAtEnd => _rest.IsEmpty;

    internal readonly int Left => _rest.Length;

    internal byte Byte() => Take(1)[0];

    [MethodImpl(Compilation.AtOnce)]
    internal ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    [MethodImpl(Compilation.AtOnce)]
    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4));

    [MethodImpl(Compilation.AtOnce)]
    internal ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

    [MethodImpl(Compilation.AtOnce)]
    internal long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    /// <summary>A length or an offset, at most 2⁶³ − 1.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal long Length()
    {
        ulong value = UInt64();
        return value <= long.MaxValue ? (long)value : throw Violation.Of($"a length of {value} bytes");
    }

    [MethodImpl(Compilation.AtOnce)]
    internal ReadOnlySpan<byte> Take(int count)
    {
        if (count > _rest.Length)
            throw Violation.Of("a body is shorter than what it says that it holds");
        ReadOnlySpan<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Reserved(int count)
    {
        if (Take(count).IndexOfAnyExcept((byte)0) >= 0)
            throw Violation.Of("a reserved field is not zero");
    }

    [MethodImpl(Compilation.AtOnce)]
    internal readonly void End()
    {
        if (!_rest.IsEmpty)
            throw Violation.Of($"a body has {_rest.Length} bytes more than it should");
    }
}
