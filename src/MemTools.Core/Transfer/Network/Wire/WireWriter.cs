using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace MemTools.Transfer.Network.Wire;

/// <summary>Puts numbers and bytes into the body of a frame that is known to have room for them.</summary>
internal ref struct WireWriter(Span<byte> body)
{
    private readonly int _size = body.Length;
    private Span<byte> _rest = body;

    internal readonly int Written => _size - _rest.Length;

    internal void Byte(byte value) => Take(1)[0] = value;

    internal void UInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(2), value);

    internal void UInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(4), value);

    internal void UInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

    internal void Int64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Take(8), value);

    [MethodImpl(Compilation.AtOnce)]
    internal void Bytes(ReadOnlySpan<byte> value) => value.CopyTo(Take(value.Length));

    internal void Zeros(int count) => Take(count).Clear();

    [MethodImpl(Compilation.AtOnce)]
    private Span<byte> Take(int count)
    {
        Span<byte> taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
