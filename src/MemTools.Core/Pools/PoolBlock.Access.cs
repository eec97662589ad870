using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Bytes, text and numbers at an offset.</summary>
public readonly partial struct PoolBlock
{
    bool IByteAccess.IsWritable => true;

    string IByteAccess.LengthIsFixed => "A block keeps its length: rent one of another pool.";

    /// <summary>Copies bytes in; all of them, or an exception and none.</summary>
    /// <param name="offset">Where to, from the beginning of the block.</param>
    /// <param name="bytes">What to write.</param>
    /// <exception cref="MemToolsException">They do not lie within the block.</exception>
    /// <exception cref="ObjectDisposedException">It has been returned, or its pool removed.</exception>
    public void SetBytes(long offset, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Write(offset, bytes.AsSpan());
    }

    /// <summary>Copies bytes in, to its beginning.</summary>
    /// <param name="bytes">What to write.</param>
    public void SetBytes(byte[] bytes) => SetBytes(0, bytes);

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many.</param>
    public byte[] GetBytes(long offset, int count)
    {
        using Hold hold = new(this, offset, count);
        return hold.Bytes.ToArray();
    }

    /// <summary>Copies all bytes out.</summary>
    public byte[] GetBytes() => GetBytes(0, SpanLength());

    /// <summary>Writes text; nothing is put before or behind it.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="text">The text.</param>
    /// <param name="encoding">How to encode it; UTF-8 where nothing is said.</param>
    public void SetString(long offset, string text, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        SetBytes(offset, (encoding ?? Encoding.UTF8).GetBytes(text));
    }

    /// <summary>Writes text in UTF-8 to its beginning.</summary>
    /// <param name="text">The text.</param>
    public void SetString(string text) => SetString(0, text);

    /// <summary>Reads text.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="encoding">How it is encoded; UTF-8 where nothing is said.</param>
    public string GetString(long offset, int count, Encoding? encoding = null)
    {
        using Hold hold = new(this, offset, count);
        return (encoding ?? Encoding.UTF8).GetString(hold.Bytes);
    }

    /// <summary>Reads the UTF-8 text from the beginning to the first zero byte, or to the end where there is none.</summary>
    public string GetString()
    {
        using Hold hold = new(this, 0, SpanLength());
        int end = hold.Bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? hold.Bytes : hold.Bytes[..end]);
    }

    /// <summary>Sets all bytes to one value.</summary>
    /// <param name="value">The value.</param>
    public unsafe void Fill(byte value = 0)
    {
        using Hold hold = new(this, 0, Length);
        System.Runtime.InteropServices.NativeMemory.Fill((void*)hold.Address, (nuint)Length, value);
    }

    /// <summary>A number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    public short ReadInt16(long offset, bool bigEndian = false) => Ordered(Read<short>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public ushort ReadUInt16(long offset, bool bigEndian = false) => Ordered(Read<ushort>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public int ReadInt32(long offset, bool bigEndian = false) => Ordered(Read<int>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public uint ReadUInt32(long offset, bool bigEndian = false) => Ordered(Read<uint>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public long ReadInt64(long offset, bool bigEndian = false) => Ordered(Read<long>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public ulong ReadUInt64(long offset, bool bigEndian = false) => Ordered(Read<ulong>(offset), bigEndian, BinaryPrimitives.ReverseEndianness);

    /// <inheritdoc cref="ReadInt16"/>
    public float ReadSingle(long offset, bool bigEndian = false) => BitConverter.Int32BitsToSingle(ReadInt32(offset, bigEndian));

    /// <inheritdoc cref="ReadInt16"/>
    public double ReadDouble(long offset, bool bigEndian = false) => BitConverter.Int64BitsToDouble(ReadInt64(offset, bigEndian));

    /// <summary>One byte.</summary>
    /// <param name="offset">Its offset.</param>
    public byte ReadByte(long offset) => Read<byte>(offset);

    /// <summary>Writes a number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    public void WriteInt16(long offset, short value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt16(long offset, ushort value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt32(long offset, int value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt32(long offset, uint value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt64(long offset, long value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt64(long offset, ulong value, bool bigEndian = false) => Write(offset, Ordered(value, bigEndian, BinaryPrimitives.ReverseEndianness));

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteSingle(long offset, float value, bool bigEndian = false) => WriteInt32(offset, BitConverter.SingleToInt32Bits(value), bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteDouble(long offset, double value, bool bigEndian = false) => WriteInt64(offset, BitConverter.DoubleToInt64Bits(value), bigEndian);

    /// <summary>Writes one byte.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="value">The byte.</param>
    public void WriteByte(long offset, byte value) => Write(offset, value);

    void IByteAccess.Read(long offset, Span<byte> buffer)
    {
        using Hold hold = new(this, offset, buffer.Length);
        hold.Bytes.CopyTo(buffer);
    }

    void IByteAccess.Write(long offset, ReadOnlySpan<byte> bytes) => Write(offset, bytes);

    void IByteAccess.ThrowIfClosed() => Check();

    private void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        using Hold hold = new(this, offset, bytes.Length);
        bytes.CopyTo(hold.Bytes);
    }

    private unsafe T Read<T>(long offset)
        where T : unmanaged
    {
        using Hold hold = new(this, offset, sizeof(T));
        return Unsafe.ReadUnaligned<T>((void*)hold.Address);
    }

    private unsafe void Write<T>(long offset, T value)
        where T : unmanaged
    {
        using Hold hold = new(this, offset, sizeof(T));
        Unsafe.WriteUnaligned((void*)hold.Address, value);
    }

    private static T Ordered<T>(T value, bool bigEndian, Func<T, T> reverse) =>
        bigEndian == BitConverter.IsLittleEndian ? reverse(value) : value;

    /// <summary>A time in which the block's memory stays mapped, whoever returns the block or removes the pool meanwhile.</summary>
    internal readonly ref struct Hold
    {
        private readonly Mapping _memory;
        private readonly long _count;

        internal Hold(PoolBlock block, long offset, long count)
        {
            _memory = Keep(block);
            try
            {
                // Asked once more: it may have been returned, and what it lay in unmapped, just before.
                block.Check(offset, count);
            }
            catch
            {
                _memory.DangerousRelease();
                throw;
            }

            Address = block.Table!.AddressAt(block.Place) + (nint)offset;
            _count = count;
        }

        internal nint Address { get; }

        internal unsafe Span<byte> Bytes => new((void*)Address, (int)_count);

        public void Dispose() => _memory.DangerousRelease();

        /// <exception cref="ObjectDisposedException">The block cannot be used any more.</exception>
        internal static Mapping Keep(PoolBlock block)
        {
            block.Check();
            Mapping memory = block.Table!.Memory;
            try
            {
                bool kept = false;
                memory.DangerousAddRef(ref kept);
                return memory;
            }
            catch (ObjectDisposedException)
            {
                throw PoolErrors.Invalid(block);
            }
        }
    }
}
