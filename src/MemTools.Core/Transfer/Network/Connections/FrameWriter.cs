using System.Diagnostics;
using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Transfer.Network.Handshake;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Connections;

/// <summary>
/// Puts frames into a connection, gathered in a buffer until it is full or <see cref="Flush"/> is called. For one thread at a
/// time: whoever uses it holds its lock.
/// </summary>
internal sealed unsafe class FrameWriter : IDisposable
{
    /// <summary>A frame with the longest body, and then some.</summary>
    internal const int DefaultBuffer = 192 * 1024;

    /// <summary>What is gathered before it is sent: more makes no call cheaper, and the receiver has nothing to do meanwhile.</summary>
    private const int Enough = 64 * 1024;

    /// <summary>Room behind the buffer, so that a file can be read for one byte more than it should have.</summary>
    private const int Slack = 64;

    private readonly PeerSocket _socket;
    private Mapping _buffer;
    private int _size;
    private int _filled;
    private bool _disposed;

    internal FrameWriter(PeerSocket socket, int size = DefaultBuffer)
    {
        _socket = socket;
        _buffer = Mapping.Memory(size + Slack);
        _size = size;
    }

    /// <summary>Makes the tags of the frames that are sent; null before and without.</summary>
    internal FrameTags? Tags { get; set; }

    /// <summary>When something was last sent, as the stopwatch tells it.</summary>
    internal long LastSent { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>Calls of send(2) so far.</summary>
    internal long Calls { get; private set; }

    private int TagSize => Tags is null ? 0 : WireLimits.TagSize;

    private Span<byte> Buffer => new((void*)_buffer.Address, _size);

    /// <summary>Whether a frame of such lengths can be gathered with its payload.</summary>
    internal bool CanHold(int body, int payload) => WireLimits.HeaderSize + body + WireLimits.TagSize + payload <= _size;

    /// <summary>Room for a frame: the body is filled in by the caller, then the payload, then <see cref="Complete"/> ends it.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal FrameRoom Begin(FrameType type, int body, int payload = 0)
    {
        int needed = WireLimits.HeaderSize + body + TagSize + payload;
        if (_disposed)
            throw new TransferException(ErrorKind.Disconnected, $"The connection to '{_socket.Name}' is closed.");
        if (needed > _size - _filled)
            Flush();
        return new(type, body, payload, _filled, TagSize);
    }

    internal Span<byte> BodyOf(in FrameRoom room) => Buffer.Slice(room.Start + WireLimits.HeaderSize, room.Body);

    /// <summary>Where the payload goes, for a read(2).</summary>
    internal nint PayloadAddress(in FrameRoom room) => _buffer.Address + room.PayloadStart;

    internal Span<byte> PayloadOf(in FrameRoom room) => Buffer.Slice(room.PayloadStart, room.Payload);

    /// <summary>Ends a frame. What was begun and is not ended was never there.</summary>
    /// <param name="room">What <see cref="Begin"/> returned.</param>
    /// <param name="payloadFollows">Bytes of payload that the caller sends by itself, after a <see cref="Flush"/>.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Complete(in FrameRoom room, int payloadFollows = 0)
    {
        int untagged = WireLimits.HeaderSize + room.Body;
        new FrameHeader(room.Type, room.Body, room.Payload + payloadFollows).Write(Buffer[room.Start..]);
        Tags?.Write(Buffer.Slice(room.Start, untagged), Buffer.Slice(room.Start + untagged, WireLimits.TagSize));
        _filled = room.PayloadStart + room.Payload;
        if (_filled >= Enough && payloadFollows == 0)
            Flush();
    }

    /// <summary>Sends a whole frame's body; for the small ones.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Put(FrameType type, ReadOnlySpan<byte> body)
    {
        FrameRoom room = Begin(type, body.Length);
        body.CopyTo(BodyOf(room));
        Complete(room);
    }

    /// <summary>Sends what was gathered.</summary>
    /// <param name="more">Whether a payload follows at once.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal void Flush(bool more = false)
    {
        if (_filled == 0 || _disposed)
            return;
        int count = _filled;
        _filled = 0;
        Calls++;
        _socket.Send(Buffer[..count], more);
        LastSent = Stopwatch.GetTimestamp();
    }

    /// <summary>Makes the buffer larger; nothing is in it.</summary>
    internal void Grow(int size)
    {
        _buffer.Dispose();
        _buffer = Mapping.Memory(size + Slack);
        _size = size;
    }

    /// <summary>Takes note of a payload that was moved straight into the socket.</summary>
    internal void SentPayload() => LastSent = Stopwatch.GetTimestamp();

    public void Dispose()
    {
        _disposed = true;
        Tags?.Dispose();
        _buffer.Dispose();
    }
}

/// <summary>A frame that is being put together in the buffer of a <see cref="FrameWriter"/>.</summary>
internal readonly record struct FrameRoom(FrameType Type, int Body, int Payload, int Start, int TagSize)
{
    internal int PayloadStart => Start + WireLimits.HeaderSize + Body + TagSize;
}
