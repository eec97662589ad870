using System.Buffers;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Pools;

/// <summary>Its bytes: as Memory, as text and numbers at an offset, as a stream.</summary>
public sealed unsafe partial class NativeBuffer
{
    private int _pins;

    /// <summary>All of it, for any call that takes Memory&lt;byte&gt;.</summary>
    /// <exception cref="MemToolsException">It is longer than 2147483647 bytes, which is all that one Memory can hold.</exception>
    public override Memory<byte> Memory
    {
        get
        {
            ThrowIfClosed();
            return CreateMemory(IntLength());
        }
    }

    bool IByteAccess.IsWritable => true;

    string IByteAccess.LengthIsFixed => "A native buffer keeps its length. Make a longer one, or put several into one sequence with Concat.";

    /// <summary>All of it. A span keeps nothing in place: use it only while this is not disposed.</summary>
    /// <exception cref="MemToolsException">It is longer than a span can be.</exception>
    public override Span<byte> GetSpan()
    {
        ThrowIfClosed();
        int length = IntLength();
        try
        {
            return Storage.SpanOf(_start, length);
        }
        catch (ObjectDisposedException)
        {
            throw Gone();
        }
    }

    /// <summary>Keeps the memory in place until the handle is disposed, whoever disposes this meanwhile.</summary>
    /// <param name="elementIndex">The byte that the handle points to.</param>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        CheckRange(elementIndex, 0);
        nint address = Acquire();
        Interlocked.Increment(ref _pins);
        return new((byte*)address + elementIndex, default, this);
    }

    /// <summary>What disposing the handle of <see cref="Pin"/> does.</summary>
    /// <exception cref="InvalidOperationException">It is not pinned.</exception>
    public override void Unpin()
    {
        PinCount.Remove(ref _pins);
        Release();
    }

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many, at most <see cref="Array.MaxLength"/>.</param>
    /// <exception cref="MemToolsException">They do not lie within this buffer.</exception>
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
    /// <exception cref="MemToolsException">They do not lie within this buffer.</exception>
    public void SetBytes(long offset, byte[] bytes) => this.CopyIn(offset, bytes);

    /// <summary>Copies bytes in, to its beginning.</summary>
    /// <param name="bytes">What to write.</param>
    public void SetBytes(byte[] bytes) => SetBytes(0, bytes);

    /// <summary>Text.</summary>
    /// <param name="offset">Where to.</param>
    /// <param name="text">What to write; nothing is put before or behind it.</param>
    /// <param name="encoding">How to encode it; UTF-8 where nothing is said.</param>
    public void SetString(long offset, string text, Encoding? encoding = null) => this.PutText(offset, text, encoding);

    /// <summary>Sets every byte of a part.</summary>
    /// <param name="value">To what.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="count">How many bytes; to the end where nothing is said.</param>
    public void Fill(byte value, long offset = 0, long? count = null)
    {
        CheckRange(offset, count ?? 0);
        byte* first = (byte*)Acquire() + offset;
        for (long left = count ?? Length - offset; left > 0; left -= int.MaxValue, first += int.MaxValue)
            new Span<byte>(first, (int)Math.Min(left, int.MaxValue)).Fill(value);
        Release();
    }

    /// <summary>A number, in the processor's order of bytes unless said otherwise.</summary>
    /// <param name="offset">First byte; it need not be aligned.</param>
    /// <param name="bigEndian">Whether the most significant byte comes first.</param>
    /// <exception cref="MemToolsException">It does not lie within this buffer.</exception>
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
    /// <exception cref="MemToolsException">It does not lie within this buffer.</exception>
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

    /// <summary>A stream over all of it, which cannot grow. Closing it leaves this open.</summary>
    public Stream OpenStream() => new ByteAccessStream(this);

    void IBufferContent.CheckRange(long offset, long count) => CheckRange(offset, count);

    void IByteAccess.Read(long offset, Span<byte> buffer) => Read(offset, buffer);

    void IByteAccess.Write(long offset, ReadOnlySpan<byte> bytes) => Write(offset, bytes);

    void IByteAccess.ThrowIfClosed() => ThrowIfClosed();

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        ThrowIfClosed();
        ArrayStorage? array = Storage as ArrayStorage;
        segment = array?.SegmentOf(_start, (int)Length) ?? default;
        return array is not null;
    }

    internal void Read(long offset, Span<byte> buffer)
    {
        CheckRange(offset, buffer.Length);
        new ReadOnlySpan<byte>((byte*)Acquire() + offset, buffer.Length).CopyTo(buffer);
        Release();
    }

    internal void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        CheckRange(offset, bytes.Length);
        bytes.CopyTo(new Span<byte>((byte*)Acquire() + offset, bytes.Length));
        Release();
    }

    private int IntLength() => Length <= int.MaxValue
        ? (int)Length
        : throw new MemToolsException(ErrorKind.Misuse, $"'{Name}' has {Length} bytes, and Memory, spans and arrays hold at most {int.MaxValue}: take a part of it, such as Slice(0, 1GB).");
}
