using System.Collections;
using System.Text;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>
/// Turns values into bytes of a ring: byte arrays as they are, text with a newline behind it, streams to their end, single
/// bytes gathered. In a ring that keeps records each value becomes one record, and text has no newline.
/// </summary>
internal sealed class ByteRingWriter
{
    /// <summary>Gathered bytes are written when there are so many, so that a long pipeline needs little memory.</summary>
    private const int MostGathered = 64 * 1024;

    private readonly ByteRing _ring;
    private readonly Encoding _encoding;
    private readonly bool _addNewline;
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _stop;
    private readonly bool _keepsRecords;
    private byte[] _text = new byte[256];
    private byte[] _gathered = [];
    private int _gatheredCount;

    internal ByteRingWriter(ByteRing ring, Encoding encoding, bool addNewline, TimeSpan timeout, CancellationToken stop)
    {
        _ring = ring;
        _encoding = encoding;
        _timeout = timeout;
        _stop = stop;
        _keepsRecords = ring.LongestRecord is not null;
        _addNewline = addNewline && !_keepsRecords;
    }

    /// <summary>After a failure, the bytes that were not written; null where nothing of the value was, and it is its own rest.</summary>
    internal byte[]? Unwritten { get; private set; }

    /// <summary>Whether single bytes wait to be written.</summary>
    internal bool HasGathered => _gatheredCount > 0;

    /// <summary>Keeps a single byte until there are many.</summary>
    /// <returns>False where <see cref="Flush"/> has to come next.</returns>
    internal bool Gather(byte value)
    {
        if (_gatheredCount == _gathered.Length)
            Array.Resize(ref _gathered, Math.Max(256, 2 * _gathered.Length));
        _gathered[_gatheredCount++] = value;
        return _keepsRecords || _gatheredCount < MostGathered;
    }

    /// <summary>Writes the single bytes that were gathered.</summary>
    /// <exception cref="MemToolsException">As the ring's; <see cref="Unwritten"/> has the bytes.</exception>
    internal void Flush()
    {
        if (_gatheredCount == 0)
            return;
        byte[] bytes = _gathered[.._gatheredCount];
        // Whether it succeeds or not: what was not written is the error's, and not written again.
        _gatheredCount = 0;
        Unwritten = bytes;
        Put(bytes);
        Unwritten = null;
    }

    /// <summary>Writes a value: bytes, text, a stream, or a list of these.</summary>
    /// <exception cref="MemToolsException">As the ring's; Misuse: there is no telling what its bytes would be.</exception>
    internal void Write(object? value)
    {
        Unwritten = null;
        switch (value)
        {
            case byte[] bytes:
                Put(bytes);
                break;
            case string text:
                PutText(text);
                break;
            case char letter:
                PutText(letter.ToString());
                break;
            case Stream stream:
                PutStream(stream);
                break;
            case IList list:
                PutList(list);
                break;
            default:
                throw NotBytes(value);
        }
    }

    internal static MemToolsException TimedOut(RingBuffer ring, string what) =>
        new(ErrorKind.TimedOut, $"'{ring.Name}' had no room in time for {what}. Is anybody reading it?");

    private void PutText(string text)
    {
        int most = _encoding.GetMaxByteCount(text.Length + 1);
        if (_text.Length < most)
            _text = new byte[most];
        int length = _encoding.GetBytes(text, _text);
        if (_addNewline)
            length += _encoding.GetBytes("\n", _text.AsSpan(length));
        Put(_text.AsSpan(0, length));
    }

    private void PutList(IList list)
    {
        // All or nothing of what is no bytes at all, so that a list is not written up to its first bad element.
        byte[] bytes = new byte[list.Count];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = list[i] is byte one ? one : throw NotBytes(list[i]);
        Put(bytes);
    }

    /// <summary>To its end. In a ring that keeps records it becomes one, so it is read whole first.</summary>
    private void PutStream(Stream stream)
    {
        byte[] block = new byte[MostGathered];
        using MemoryStream record = new();
        while (ReadBlock(stream, block) is int length and > 0)
        {
            Unwritten = block[..length];
            if (_keepsRecords)
                record.Write(block, 0, length);
            else
                Put(block.AsSpan(0, length));
            if (record.Length > _ring.Capacity)
                break;
        }

        Unwritten = _keepsRecords ? record.ToArray() : null;
        if (_keepsRecords)
            Put(record.ToArray());
        Unwritten = null;
    }

    private int ReadBlock(Stream stream, byte[] block)
    {
        try
        {
            return stream.ReadAsync(block.AsMemory(), _stop).AsTask().WaitAsync(_stop).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or NotSupportedException)
        {
            throw new MemToolsException(ErrorKind.IoError, $"The stream could not be read: {e.Message} What had been read of it is in '{_ring.Name}'.");
        }
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_keepsRecords)
        {
            if (!_ring.TryWriteRecord(bytes, _timeout, _stop))
                throw TimedOut(_ring, $"a record of {bytes.Length} bytes; nothing of it was written");
            return;
        }

        int written = 0;
        try
        {
            if (!_ring.TryWrite(bytes, _timeout, _stop, out written))
                throw TimedOut(_ring, $"{bytes.Length} bytes; {written} of them were written");
        }
        finally
        {
            if (written < bytes.Length && (written > 0 || Unwritten is not null))
                Unwritten = bytes[written..].ToArray();
        }
    }

    private static MemToolsException NotBytes(object? value) => new(
        ErrorKind.Misuse,
        $"A byte ring takes bytes, byte arrays, text and streams, and not {value?.GetType().Name ?? "null"}. Convert it ([string], [byte[]]), or make the ring with -Kind Object.");
}
