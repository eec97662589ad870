using System.Text;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>Lines of text in a byte ring. The end of a line, \n or \r\n, is taken out with it and not handed over.</summary>
internal sealed class LineItems : RingItems
{
    private const int FirstLook = 4096;

    /// <summary>A line that is longer is put together in pieces.</summary>
    private const int LongestLook = 1 << 30;

    private readonly ByteRing _ring;
    private readonly RingReading _reading;
    private readonly Encoding _encoding;
    private readonly byte[] _newline;
    private readonly int _mostSeen;
    private byte[] _look = new byte[FirstLook];

    /// <summary>
    /// What was taken out and not handed over yet: nothing, but for a moment, or the beginning of a line that is longer than
    /// the ring. For who only looks, a copy of what there was.
    /// </summary>
    private byte[] _taken = [];

    /// <summary>Bytes in the ring that were looked at and have no end of a line.</summary>
    private int _seen;

    private bool _isCopy;
    private long _budget = long.MaxValue;

    internal LineItems(ByteRing ring, RingReading reading)
    {
        _ring = ring;
        _reading = reading;
        _encoding = reading.Encoding ?? Encoding.UTF8;
        _newline = _encoding.GetBytes("\n");
        _mostSeen = (int)Math.Min(ring.Capacity, LongestLook);
    }

    internal override byte[]? Unread => _taken.Length > 0 && !_isCopy ? _taken : null;

    internal override bool TryTake(out object? item)
    {
        while (!TryCut(out item))
        {
            if (_isCopy)
                return _ring.IsCompleted && TryTakeRest(out item);
            if (_budget <= 0)
                return false;
            // Before the look: what was written before the end is there to be seen.
            bool isCompleted = _ring.IsCompleted;
            int length = FindEnd();
            if (length == 0 && isCompleted)
                return TryTakeRest(out item);
            if (length == 0 && _seen < _mostSeen)
                return false;
            Take(length);
            if (length == 0)
                return false;
        }

        return true;
    }

    private protected override RingReadiness Wait(TimeSpan timeout, CancellationToken stop)
    {
        RingReadiness readiness = _ring.WaitToRead(_seen, timeout, stop);
        if (readiness == RingReadiness.TimedOut && Unread is { } begun)
            throw new MemToolsException(ErrorKind.TimedOut, $"The rest of a line that is longer than '{_ring.Name}' did not come in time. Its first {begun.Length} bytes are this error's TargetObject.");
        return readiness;
    }

    internal override long CountNow()
    {
        _budget = _ring.Used;
        return long.MaxValue;
    }

    /// <summary>Hands over the first line of what was taken out.</summary>
    private bool TryCut(out object? item)
    {
        int end = IndexOfNewline(_taken);
        item = end < 0 ? null : TextOf(_taken.AsSpan(0, end));
        if (end >= 0)
            _taken = _taken[(end + _newline.Length)..];
        return end >= 0;
    }

    /// <summary>The length of the first line in the ring, its newline included; 0 where it has no end yet.</summary>
    private int FindEnd()
    {
        while (true)
        {
            _seen = _ring.Peek(_look);
            int end = IndexOfNewline(_look.AsSpan(0, _seen));
            if (end >= 0)
                return end + _newline.Length;
            if (_seen < _look.Length || _seen >= _mostSeen)
                return 0;
            _look = new byte[Math.Min(2L * _look.Length, _mostSeen + 1L)];
        }
    }

    /// <summary>Aligned to the units of the encoding: in UTF-16 the bytes of a newline are also halves of other letters.</summary>
    private int IndexOfNewline(ReadOnlySpan<byte> bytes)
    {
        int from = 0;
        while (bytes[from..].IndexOf(_newline) is int found and >= 0)
        {
            if ((from + found) % _newline.Length == 0)
                return from + found;
            from += found + 1;
        }

        return -1;
    }

    /// <summary>Takes out a line, or where that has no end the whole ring, which would stay full for ever.</summary>
    private void Take(int length)
    {
        if (_reading.Peek)
        {
            Copy();
            return;
        }

        if (length == 0 && _reading.WaitsFor == 0)
            throw new MemToolsException(ErrorKind.RecordTooLarge, $"'{_ring.Name}' is full of a line that has no end yet. -Wait puts it together, -Count takes out what there is.");
        byte[] taken = _ring.TryRead(length == 0 ? _seen : length);
        _budget -= taken.Length;
        _seen = 0;
        // Where the oldest is dropped it may be something else than was seen. It is cut into lines all the same.
        _taken = _taken.Length == 0 ? taken : [.. _taken, .. taken];
    }

    /// <summary>The ring was completed: its last line needs no end.</summary>
    private bool TryTakeRest(out object? item)
    {
        if (_seen > 0)
            Take(_seen);
        byte[] line = _taken;
        _taken = [];
        item = line.Length > 0 ? TextOf(line) : null;
        return line.Length > 0;
    }

    private void Copy()
    {
        byte[] copy = new byte[Math.Min(_ring.Used, LongestLook)];
        _taken = copy[.._ring.Peek(copy)];
        _seen = 0;
        _isCopy = true;
    }

    private string TextOf(ReadOnlySpan<byte> line)
    {
        string text = _encoding.GetString(line);
        return text.EndsWith('\r') ? text[..^1] : text;
    }
}
