using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Handshake;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Connections;

/// <summary>
/// Takes frames from a connection. What follows a body is its payload, of which a part may have come into the buffer with it;
/// the rest is still in the socket, to be moved from there by the kernel. For one thread.
/// </summary>
internal sealed unsafe class FrameReader : IDisposable
{
    /// <summary>A frame with the longest body, and then some.</summary>
    internal const int DefaultBuffer = 192 * 1024;

    /// <summary>Behind a payload this long the next header is fetched alone, so that what follows can be spliced.</summary>
    private const int LongPayload = 128 * 1024;

    /// <summary>How much of a payload has to come in each idle time: who drips is silent.</summary>
    internal const int LeastPayload = 1024;

    private readonly PeerSocket _socket;
    private Mapping _buffer;
    private int _size;
    private int _start;
    private int _end;
    private int _frameLength;
    private bool _fetchesLittle;

    internal FrameReader(PeerSocket socket, int size = DefaultBuffer)
    {
        _socket = socket;
        _buffer = Mapping.Memory(size);
        _size = size;
    }

    /// <summary>Checks the tags of the frames that come; null before and without.</summary>
    internal FrameTags? Tags { get; set; }

    /// <summary>The header of the current frame.</summary>
    internal FrameHeader Header { get; private set; }

    /// <summary>The body of the current frame, until the next one is taken.</summary>
    internal ReadOnlySpan<byte> Body => Buffer.Slice(_start + WireLimits.HeaderSize, Header.BodyLength);

    /// <summary>Header and body of the current frame.</summary>
    internal ReadOnlySpan<byte> HeaderAndBody => Buffer.Slice(_start, WireLimits.HeaderSize + Header.BodyLength);

    /// <summary>Bytes of the payload that have not been taken.</summary>
    internal int PayloadLeft { get; private set; }

    /// <summary>When something last came, as the stopwatch tells it.</summary>
    internal long LastHeard { get; private set; } = Stopwatch.GetTimestamp();

    private Span<byte> Buffer => new((void*)_buffer.Address, _size);

    /// <summary>Whether the next frame, with as much of its payload as the buffer can hold, has come already.</summary>
    internal bool HasNext
    {
        [MethodImpl(Compilation.AtOnce)]
        get
        {
            int rest = _end - _start - _frameLength;
            if (rest < WireLimits.HeaderSize)
                return false;
            FrameHeader next = FrameHeader.Read(Buffer[(_start + _frameLength)..]);
            return rest >= LengthOf(next);
        }
    }

    /// <summary>Takes the next frame. The payload of the one before must have been taken.</summary>
    /// <param name="deadline">When header and body have to be there; null for the idle limit from the first byte on.</param>
    /// <returns>False at the end of the stream, between two frames.</returns>
    /// <exception cref="TransferException">ProtocolViolation, TimedOut, Disconnected.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Next(long? deadline = null)
    {
        if (PayloadLeft > 0)
            throw new InvalidOperationException("The payload of the frame before has not been taken.");
        _start += _frameLength;
        _frameLength = 0;
        if (_start == _end)
            _start = _end = 0;
        long until = deadline ?? PeerSocket.DeadlineIn(_socket.IdleLimit);
        if (!Fill(WireLimits.HeaderSize, until, mayEnd: true))
            return false;
        Header = FrameHeader.Read(Buffer[_start..]);
        int length = LengthOf(Header);
        if (length > _size)
            throw Violation.Of($"a {Header.Type} frame came where none may");
        _ = Fill(length, deadline ?? PeerSocket.DeadlineIn(_socket.IdleLimit), mayEnd: false);
        CheckTag(length);
        _frameLength = length;
        PayloadLeft = Header.PayloadLength;
        _fetchesLittle = Header.PayloadLength >= LongPayload;
        return true;
    }

    /// <summary>Takes the part of the payload that came with the frame.</summary>
    internal ReadOnlySpan<byte> TakeBuffered()
    {
        int from = _start + _frameLength;
        int count = Math.Min(PayloadLeft, _end - from);
        _frameLength += count;
        PayloadLeft -= count;
        return Buffer.Slice(from, count);
    }

    /// <summary>
    /// Takes the whole payload where the buffer can hold it, waiting for what has not come; false where it is too long for that.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryTakeWhole(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (_frameLength + PayloadLeft > _size)
            return false;
        int wanted = _frameLength + PayloadLeft;
        while (_end - _start < wanted)
            _ = Fill(Math.Min(wanted, _end - _start + LeastPayload), PeerSocket.DeadlineIn(_socket.IdleLimit), mayEnd: false, wanted);
        payload = Buffer.Slice(_start + _frameLength, PayloadLeft);
        _frameLength = wanted;
        PayloadLeft = 0;
        return true;
    }

    /// <summary>Makes the buffer larger, between two frames. What came too early is a violation.</summary>
    internal void Grow(int size)
    {
        if (_end - _start > _frameLength)
            throw Violation.Of("more came before the handshake was over");
        _buffer.Dispose();
        _buffer = Mapping.Memory(size);
        _size = size;
        _start = _end = _frameLength = 0;
    }

    /// <summary>Takes note of payload that was moved straight from the socket.</summary>
    internal void TookFromSocket(int count)
    {
        PayloadLeft -= count;
        LastHeard = Stopwatch.GetTimestamp();
    }

    /// <summary>Takes the next part of the payload through the buffer, whose content it overwrites; never empty.</summary>
    internal ReadOnlySpan<byte> TakeThroughBuffer()
    {
        ReadOnlySpan<byte> buffered = TakeBuffered();
        if (!buffered.IsEmpty)
            return buffered;
        int wanted = Math.Min(_size, PayloadLeft);
        int received = 0;
        long deadline = PeerSocket.DeadlineIn(_socket.IdleLimit);
        while (received < Math.Min(wanted, LeastPayload))
        {
            int more = _socket.Receive(Buffer[received..wanted], deadline);
            if (more == 0)
                throw Ended();
            received += more;
        }

        TookFromSocket(received);
        _start = _end = _frameLength = 0;
        return Buffer[..received];
    }

    /// <summary>Reads what is left of the payload and drops it.</summary>
    internal void SkipPayload()
    {
        while (PayloadLeft > 0)
            _ = TakeThroughBuffer();
    }

    public void Dispose()
    {
        Tags?.Dispose();
        _buffer.Dispose();
    }

    [MethodImpl(Compilation.AtOnce)]
    private int LengthOf(in FrameHeader header) => WireLimits.HeaderSize + header.BodyLength + (Tags is null ? 0 : WireLimits.TagSize);

    [MethodImpl(Compilation.AtOnce)]
    private void CheckTag(int length)
    {
        if (Tags is null)
            return;
        int untagged = length - WireLimits.TagSize;
        if (!Tags.Check(Buffer.Slice(_start, untagged), Buffer.Slice(_start + untagged, WireLimits.TagSize)))
            throw Violation.Of("the tag of a frame is not right");
    }

    /// <summary>Has at least so many bytes of the current frame in the buffer.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool Fill(int wanted, long deadline, bool mayEnd, int? most = null)
    {
        if (_size - _start < (most ?? wanted))
            MoveToFront();
        while (_end - _start < wanted)
        {
            int room = _size - _end;
            if (_fetchesLittle)
                room = Math.Min(room, Math.Max(wanted, LengthOf(new(FrameType.Data, RangeBody.Size))) - (_end - _start));
            int received = _socket.Receive(Buffer.Slice(_end, room), deadline);
            if (received == 0)
                return mayEnd && _end == _start ? false : throw Ended();
            _end += received;
            LastHeard = Stopwatch.GetTimestamp();
        }

        return true;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void MoveToFront()
    {
        Buffer[_start.._end].CopyTo(Buffer);
        _end -= _start;
        _start = 0;
    }

    private TransferException Ended() => new(ErrorKind.Disconnected, $"'{_socket.Name}' broke off the connection.");
}
