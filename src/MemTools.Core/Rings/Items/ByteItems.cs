using System.Text;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>What there is in a byte ring, in one array or one text; piece by piece for who follows.</summary>
internal sealed class ByteItems : RingItems
{
    /// <summary>Who follows need not wait for more, nor make room for more.</summary>
    private const int LongestPiece = 1024 * 1024;

    private readonly ByteRing _ring;
    private readonly RingReading _reading;
    private readonly long _most;

    /// <summary>How many bytes have to be there. What is left of a cut character is waited for too.</summary>
    private long _needed = 1;

    internal ByteItems(ByteRing ring, RingReading reading)
    {
        _ring = ring;
        _reading = reading;
        _most = Math.Min(reading.Count ?? (reading.Follow ? LongestPiece : ring.Capacity), Array.MaxLength);
        if (reading.Count is { } count && reading.WaitsFor > 0)
            _needed = count <= ring.Capacity ? count : throw new MemToolsException(ErrorKind.Misuse, $"'{ring.Name}' never has {count} bytes at once, since it holds {ring.Capacity}: wait for fewer, and read again.");
    }

    /// <summary>Bytes come in one array.</summary>
    internal override long ItemsOf(long units) => _reading is { Follow: true, Count: null } ? units : Math.Min(units, 1);

    internal override bool TryTake(out object? item)
    {
        item = null;
        return _ring.Used >= _needed && TryTakeLess(out item);
    }

    internal override bool TryTakeLess(out object? item)
    {
        byte[] bytes = Look();
        int length = Whole(bytes);
        if (length == 0)
        {
            _needed = Math.Max(_needed, bytes.Length + 1);
            item = null;
            return false;
        }

        _needed = 1;
        bytes = Take(bytes, length);
        item = _reading.Encoding is { } encoding ? encoding.GetString(bytes) : bytes;
        return bytes.Length > 0;
    }

    private protected override RingReadiness Wait(TimeSpan timeout, CancellationToken stop) => _ring.WaitToRead(_needed - 1, timeout, stop);

    internal override long CountNow() => _ring.IsEmpty ? 0 : 1;

    /// <summary>Bytes are taken out at once; text is looked at first, since a character may be cut.</summary>
    private byte[] Look()
    {
        byte[] bytes = new byte[Math.Min(_most, _ring.Used)];
        bool stays = _reading.Peek || _reading.Encoding is not null;
        int length = stays ? _ring.Peek(bytes) : _ring.TryRead(bytes.AsSpan());
        return length == bytes.Length ? bytes : bytes[..length];
    }

    /// <summary>What of them to hand over: whole characters, but all where a character has no end.</summary>
    private int Whole(byte[] bytes)
    {
        if (_reading.Encoding is not { } encoding)
            return bytes.Length;
        bool isLast = _ring.IsCompleted && bytes.Length >= _ring.Used;
        int whole = TextBoundary.WholeCharacters(bytes, encoding);
        return isLast || (whole == 0 && bytes.Length == _most) ? bytes.Length : whole;
    }

    private byte[] Take(byte[] bytes, int length)
    {
        if (_reading.Peek || _reading.Encoding is null)
            return length == bytes.Length ? bytes : bytes[..length];
        // What is taken is what counts: a ring that drops the oldest may have gone on since the look.
        int taken = _ring.TryRead(bytes.AsSpan(0, length));
        return bytes[..taken];
    }
}
