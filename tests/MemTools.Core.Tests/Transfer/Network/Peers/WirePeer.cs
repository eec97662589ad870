using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>A frame that came.</summary>
internal sealed record WireFrame(byte Type, byte[] Body, int Payload)
{
    /// <summary>Why a receiver rejected a connection; the first field of Stop likewise.</summary>
    internal int Reason => BinaryPrimitives.ReadUInt16LittleEndian(Body);
}

/// <summary>One end of a connection that says exactly what a test wants, in or out of order.</summary>
internal sealed class WirePeer : IDisposable
{
    private const int Patience = 40_000;

    private byte[]? _outKey;
    private byte[]? _inKey;
    private ulong _outNumber;
    private ulong _inNumber;

    internal WirePeer(Socket socket)
    {
        Socket = socket;
        socket.ReceiveTimeout = Patience;
        socket.SendTimeout = Patience;
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
    }

    internal Socket Socket { get; }

    internal static WirePeer Connect(EndPoint target)
    {
        Socket socket = new(target.AddressFamily, SocketType.Stream, target.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            socket.Connect(target);
            return new(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A sender that is through with the handshake.</summary>
    internal static WirePeer Authenticated(EndPoint target, byte[]? key, byte[]? session = null, int index = 0, int count = 1)
    {
        WirePeer peer = Connect(target);
        try
        {
            peer.Authenticate(key, session, index, count);
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }

    internal void Authenticate(byte[]? key, byte[]? session = null, int index = 0, int count = 1)
    {
        byte[] hello = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(key is not null, session, index, count));
        Send(hello);
        WireFrame challenge = Expect(WireFrames.Challenge);
        WireSecrets secrets = new(key, hello, WireFrames.Make(WireFrames.Challenge, challenge.Body));
        byte[] proof = WireFrames.Make(WireFrames.Proof, secrets.SenderProof);
        Send(proof);
        WireFrame welcome = Expect(WireFrames.Welcome);
        Assert.Equal(secrets.ReceiverProof(proof, welcome.Body[..32]), welcome.Body[32..]);
        UseTags(key, secrets.SenderFrames, secrets.ReceiverFrames);
    }

    /// <summary>A receiver's side of the handshake.</summary>
    /// <returns>The sender's Hello.</returns>
    internal WireFrame AuthenticateAsReceiver(byte[]? key, byte[]? terms = null)
    {
        terms ??= WireFrames.Terms();
        WireFrame hello = Expect(WireFrames.Hello);
        byte[] challenge = WireFrames.Make(WireFrames.Challenge, WireFrames.ChallengeBody(key is not null));
        Send(challenge);
        WireSecrets secrets = new(key, WireFrames.Make(WireFrames.Hello, hello.Body), challenge);
        WireFrame proof = Expect(WireFrames.Proof);
        Assert.Equal(secrets.SenderProof, proof.Body);
        Send(WireFrames.Make(WireFrames.Welcome, [.. terms, .. secrets.ReceiverProof(WireFrames.Make(WireFrames.Proof, proof.Body), terms)]));
        UseTags(key, secrets.ReceiverFrames, secrets.SenderFrames);
        return hello;
    }

    /// <summary>Sends bytes as they are.</summary>
    internal void Send(params byte[][] parts)
    {
        foreach (byte[] part in parts)
        {
            for (int sent = 0; sent < part.Length;)
                sent += Socket.Send(part, sent, part.Length - sent, SocketFlags.None);
        }
    }

    /// <summary>Sends a frame, with its tag where there is a key.</summary>
    internal void Put(byte type, byte[] body, byte[]? payload = null) => Send(Frame(type, body, (uint)(payload?.Length ?? 0)), payload ?? []);

    /// <summary>A frame with the next tag.</summary>
    internal byte[] Frame(byte type, byte[] body, uint payload = 0, byte flags = 0) => Tagged(WireFrames.Make(type, body, payload, flags));

    /// <summary>Adds the next tag to a frame.</summary>
    internal byte[] Tagged(byte[] frame) => _outKey is null ? frame : [.. frame, .. WireSecrets.Tag(_outKey, _outNumber++, frame)];

    /// <summary>The next frame, without its payload, which the caller reads; null at the end, however the peer ended.</summary>
    internal WireFrame? Read()
    {
        byte[]? header = ReadBytes(WireFrames.HeaderSize);
        if (header is null)
            return null;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2));
        int payload = (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        byte[]? body = ReadBytes(length);
        byte[]? tag = _inKey is null ? [] : ReadBytes(WireFrames.TagSize);
        if (body is null || tag is null)
            return null;
        if (_inKey is not null)
            Assert.Equal(WireSecrets.Tag(_inKey, _inNumber++, [.. header, .. body]), tag);
        return new(header[0], body, payload);
    }

    /// <summary>The next frame that is not Alive; fails where it is another than this.</summary>
    internal WireFrame Expect(byte type)
    {
        WireFrame? frame;
        do frame = Read();
        while (frame is { Type: WireFrames.Alive });
        Assert.True(frame is not null, $"The peer ended the connection, and a frame of type {type} was due.");
        Assert.True(frame.Type == type, $"A frame of type {frame.Type} ({Convert.ToHexString(frame.Body)}) came where {type} was due.");
        return frame;
    }

    /// <summary>Everything until the peer ends the connection; fails where it does not.</summary>
    internal List<WireFrame> ReadToEnd()
    {
        List<WireFrame> frames = [];
        while (Read() is { } frame)
            frames.Add(frame);
        return frames;
    }

    /// <summary>So many bytes; null where the peer ended the connection before.</summary>
    internal byte[]? ReadBytes(int count)
    {
        byte[] bytes = new byte[count];
        try
        {
            for (int received = 0; received < count;)
            {
                int more = Socket.Receive(bytes, received, count - received, SocketFlags.None);
                if (more == 0)
                    return null;
                received += more;
            }

            return bytes;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown)
        {
            return null;
        }
    }

    public void Dispose() => Socket.Dispose();

    private void UseTags(byte[]? key, byte[] outKey, byte[] inKey)
    {
        if (key is null)
            return;
        _outKey = outKey;
        _inKey = inKey;
    }
}
