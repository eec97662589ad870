using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Reading and writing bytes, text and numbers at an offset.</summary>
public sealed partial class MappedFile
{
    /// <summary>Read at a time, so that a request to stop is seen in between, also with a slow disk.</summary>
    private const int Piece = 16 * 1024 * 1024;

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte, from the beginning of the mapping.</param>
    /// <param name="count">How many, at most <see cref="Array.MaxLength"/>.</param>
    /// <exception cref="MemToolsException">They do not lie within the mapping, or the file has been cut.</exception>
    /// <exception cref="SystemCallException">The disk failed.</exception>
    public byte[] Read(long offset, int count)
    {
        CheckRange(offset, count);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(count);
        Read(offset, bytes.AsSpan());
        return bytes;
    }

    /// <summary>Copies bytes into a buffer; all of them, or an exception.</summary>
    /// <param name="offset">First byte, from the beginning of the mapping.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="start">First byte of the buffer to fill.</param>
    /// <param name="count">How many bytes.</param>
    public void Read(long offset, byte[] buffer, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Read(offset, buffer.AsSpan(start, count));
    }

    /// <summary>Text.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many bytes.</param>
    /// <param name="encoding">How it is encoded; UTF-8 where nothing is said.</param>
    public string ReadString(long offset, int count, Encoding? encoding = null) =>
        (encoding ?? Encoding.UTF8).GetString(Read(offset, count));

    /// <summary>Copies bytes in; all of them, or an exception.</summary>
    /// <param name="offset">Where to, from the beginning of the mapping.</param>
    /// <param name="bytes">What to write.</param>
    /// <exception cref="MemToolsException">The mapping is ReadOnly, they do not lie within it, or the file has been cut.</exception>
    /// <exception cref="SystemCallException">There is no space for what was a hole (fallocate, ENOSPC), or the disk failed.</exception>
    public void Write(long offset, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        Write(offset, bytes.AsSpan());
    }

    /// <summary>Copies a part of a buffer in.</summary>
    /// <param name="offset">Where to, from the beginning of the mapping.</param>
    /// <param name="buffer">Where from.</param>
    /// <param name="start">First byte of the buffer to write.</param>
    /// <param name="count">How many bytes.</param>
    public void Write(long offset, byte[] buffer, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        Write(offset, buffer.AsSpan(start, count));
    }

    /// <summary>Text.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="text">What to write; nothing is put before or behind it.</param>
    /// <param name="encoding">How to encode it; UTF-8 where nothing is said.</param>
    public void WriteString(long offset, string text, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        Write(offset, (encoding ?? Encoding.UTF8).GetBytes(text));
    }

    /// <summary>A number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    public short ReadInt16(long offset, bool bigEndian = false) => ReadValue<short>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public ushort ReadUInt16(long offset, bool bigEndian = false) => ReadValue<ushort>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public int ReadInt32(long offset, bool bigEndian = false) => ReadValue<int>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public uint ReadUInt32(long offset, bool bigEndian = false) => ReadValue<uint>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public long ReadInt64(long offset, bool bigEndian = false) => ReadValue<long>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public ulong ReadUInt64(long offset, bool bigEndian = false) => ReadValue<ulong>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public float ReadSingle(long offset, bool bigEndian = false) => ReadValue<float>(offset, bigEndian);

    /// <inheritdoc cref="ReadInt16"/>
    public double ReadDouble(long offset, bool bigEndian = false) => ReadValue<double>(offset, bigEndian);

    /// <summary>One byte.</summary>
    /// <param name="offset">Its offset.</param>
    public byte ReadByte(long offset) => ReadValue<byte>(offset, bigEndian: false);

    /// <summary>Writes a number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="value">The number.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    public void WriteInt16(long offset, short value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt16(long offset, ushort value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt32(long offset, int value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt32(long offset, uint value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteInt64(long offset, long value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteUInt64(long offset, ulong value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteSingle(long offset, float value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <inheritdoc cref="WriteInt16"/>
    public void WriteDouble(long offset, double value, bool bigEndian = false) => WriteValue(offset, value, bigEndian);

    /// <summary>Writes one byte.</summary>
    /// <param name="offset">Its offset.</param>
    /// <param name="value">The byte.</param>
    public void WriteByte(long offset, byte value) => WriteValue(offset, value, bigEndian: false);

    /// <summary>Numbers one after another.</summary>
    internal T[] ReadValues<T>(long offset, int count, bool bigEndian, CancellationToken stop)
        where T : unmanaged
    {
        CheckRange(offset, (long)count * Unsafe.SizeOf<T>());
        T[] values = GC.AllocateUninitializedArray<T>(count);
        Span<byte> bytes = MemoryMarshal.AsBytes(values.AsSpan());
        Read(offset, bytes, stop);
        if (bigEndian == BitConverter.IsLittleEndian)
            ByteOrder.Reverse(bytes, Unsafe.SizeOf<T>());
        return values;
    }

    internal void Read(long offset, Span<byte> buffer, CancellationToken stop = default)
    {
        CheckRange(offset, buffer.Length);
        for (int done = 0; done < buffer.Length; done += Math.Min(Piece, buffer.Length - done))
        {
            stop.ThrowIfCancellationRequested();
            ReadPiece(offset + done, buffer.Slice(done, Math.Min(Piece, buffer.Length - done)));
        }
    }

    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        if (TryWrite(offset, bytes).Failure is { } failure)
            throw failure;
    }

    /// <summary>Says how far it got where it failed.</summary>
    internal unsafe MappedAccess TryWrite(long offset, ReadOnlySpan<byte> bytes)
    {
        CheckRange(offset, bytes.Length);
        if (_region.Mode == MappedFileMode.ReadOnly)
            throw new MemToolsException(ErrorKind.Misuse, $"'{Name}' is ReadOnly. Open the file with -Mode ReadWrite, or with -Mode Private for changes that it does not get.");
        fixed (byte* buffer = bytes)
        {
            nint address = (nint)buffer;
            int count = bytes.Length;
            return Open(region => region.Write(offset, address, count));
        }
    }

    private unsafe void ReadPiece(long offset, Span<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            nint address = (nint)bytes;
            int count = buffer.Length;
            Open(region => SharedReading.Read(region, offset, address, count));
        }
    }

    private T ReadValue<T>(long offset, bool bigEndian)
        where T : unmanaged => ByteAccess.ReadValue<T>(this, offset, bigEndian);

    private void WriteValue<T>(long offset, T value, bool bigEndian)
        where T : unmanaged => ByteAccess.WriteValue(this, offset, value, bigEndian);
}
