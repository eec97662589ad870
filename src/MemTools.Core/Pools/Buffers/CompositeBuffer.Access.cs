using System.Text;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Bytes, text and numbers at an offset, also across the borders of parts.</summary>
public sealed partial class CompositeBuffer
{
    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many, at most <see cref="Array.MaxLength"/>.</param>
    /// <exception cref="MemToolsException">They do not lie within the composite.</exception>
    public byte[] GetBytes(long offset, int count) => this.CopyOut(offset, count);

    /// <summary>Copies all bytes out.</summary>
    public byte[] GetBytes() => GetBytes(0, IntLength());

    /// <summary>Text.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="encoding">How it is encoded; UTF-8 where nothing is said.</param>
    public string GetString(long offset, int count, Encoding? encoding = null) =>
        this.TextAt(offset, count, encoding);

    /// <summary>All of it as text.</summary>
    /// <param name="encoding">How it is encoded; UTF-8 where nothing is said.</param>
    public string GetString(Encoding? encoding = null) => GetString(0, IntLength(), encoding);

    /// <summary>Copies bytes in; all of them, or an exception and none.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="bytes">What to write.</param>
    /// <exception cref="MemToolsException">They do not lie within the composite.</exception>
    public void SetBytes(long offset, byte[] bytes) => this.CopyIn(offset, bytes);

    /// <summary>Copies bytes in, to its beginning.</summary>
    /// <param name="bytes">What to write.</param>
    public void SetBytes(byte[] bytes) => SetBytes(0, bytes);

    /// <summary>Text.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="text">What to write; nothing is put before or behind it.</param>
    /// <param name="encoding">How to encode it; UTF-8 where nothing is said.</param>
    public void SetString(long offset, string text, Encoding? encoding = null) => this.PutText(offset, text, encoding);

    /// <summary>A number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    /// <exception cref="MemToolsException">It does not lie within the composite.</exception>
    public short ReadInt16(long offset, bool bigEndian = false) => this.ReadValue<short>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public ushort ReadUInt16(long offset, bool bigEndian = false) => this.ReadValue<ushort>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public int ReadInt32(long offset, bool bigEndian = false) => this.ReadValue<int>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public uint ReadUInt32(long offset, bool bigEndian = false) => this.ReadValue<uint>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public long ReadInt64(long offset, bool bigEndian = false) => this.ReadValue<long>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public ulong ReadUInt64(long offset, bool bigEndian = false) => this.ReadValue<ulong>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public float ReadSingle(long offset, bool bigEndian = false) => this.ReadValue<float>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public double ReadDouble(long offset, bool bigEndian = false) => this.ReadValue<double>(offset, bigEndian);

    /// <summary>One byte.</summary>
    /// <param name="offset">Its offset.</param>
    public byte ReadByte(long offset) => this.ReadValue<byte>(offset, bigEndian: false);

    /// <summary>Writes a number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    /// <exception cref="MemToolsException">It does not lie within the composite.</exception>
    public void WriteInt16(long offset, short value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt16(long offset, ushort value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt32(long offset, int value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt32(long offset, uint value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt64(long offset, long value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt64(long offset, ulong value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteSingle(long offset, float value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteDouble(long offset, double value, bool bigEndian = false) => this.WriteValue(offset, value, bigEndian);

    /// <summary>One byte.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="value">Its value.</param>
    public void WriteByte(long offset, byte value) => this.WriteValue(offset, value, bigEndian: false);

    void IBufferContent.CheckRange(long offset, long count) => CheckRange(offset, count);

    void IByteAccess.Read(long offset, Span<byte> buffer) => Read(offset, buffer);

    void IByteAccess.Write(long offset, ReadOnlySpan<byte> bytes) => Write(offset, bytes);

    internal unsafe void Read(long offset, Span<byte> buffer)
    {
        CheckRange(offset, buffer.Length);
        Hold();
        for (int i = _parts.IndexOf(offset); !buffer.IsEmpty; i++)
        {
            CompositeSegment segment = _parts.Segments[i];
            int skip = (int)(offset - segment.Offset);
            int count = Math.Min(buffer.Length, segment.Length - skip);
            new ReadOnlySpan<byte>(segment.Address + skip, count).CopyTo(buffer);
            buffer = buffer[count..];
            offset += count;
        }

        _parts.DangerousRelease();
    }

    internal unsafe void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        CheckRange(offset, bytes.Length);
        Hold();
        for (int i = _parts.IndexOf(offset); !bytes.IsEmpty; i++)
        {
            CompositeSegment segment = _parts.Segments[i];
            int skip = (int)(offset - segment.Offset);
            int count = Math.Min(bytes.Length, segment.Length - skip);
            bytes[..count].CopyTo(new(segment.Address + skip, count));
            bytes = bytes[count..];
            offset += count;
        }

        _parts.DangerousRelease();
    }

    private int IntLength() => Length <= Array.MaxLength
        ? (int)Length
        : throw new MemToolsException(ErrorKind.Misuse, $"'{Name}' has {Length} bytes, and an array holds at most {Array.MaxLength}: take a part of it, such as GetBytes(0, 1MB).");
}
