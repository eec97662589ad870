using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Handshake;

/// <summary>Who a sender said that it is, once it has proved that it has the key.</summary>
internal sealed record SenderIdentity(Guid Session, int Index, int Count);

/// <summary>
/// A receiver's side of the handshake, in two steps: the sender proves itself first, and is told only then on which terms it is
/// served. Whoever merely connects gets a random number.
/// </summary>
internal sealed class ReceiverHandshake : IDisposable
{
    private readonly Channel _channel;
    private readonly ConnectionKeys _keys;
    private readonly byte[] _proof;
    private readonly bool _hasKey;

    private ReceiverHandshake(Channel channel, ConnectionKeys keys, byte[] proof, bool hasKey, SenderIdentity sender)
    {
        _channel = channel;
        _keys = keys;
        _proof = proof;
        _hasKey = hasKey;
        Sender = sender;
    }

    internal SenderIdentity Sender { get; }

    /// <summary>Has the sender prove itself.</summary>
    /// <exception cref="HandshakeRefusedException">It was refused, and told so.</exception>
    /// <exception cref="TransferException">It said something else, nothing, or went away.</exception>
    internal static ReceiverHandshake Run(Channel channel, TransferKey? key, long deadline)
    {
        Expect(channel, FrameType.Hello, deadline);
        Hello hello = Hello.Read(channel.Reader.Body);
        if (hello.LowestVersion > ConnectionString.CurrentVersion || hello.HighestVersion < ConnectionString.CurrentVersion)
            throw Refuse(channel, RejectReason.NoCommonVersion);
        if (hello.HasKey != key is not null)
            throw Refuse(channel, key is null ? RejectReason.NoKeyWanted : RejectReason.KeyWanted);
        if (key is null && !channel.Socket.IsLocal)
            throw Refuse(channel, RejectReason.NotLocal);
        SenderIdentity sender = new(new Guid(hello.Session), hello.Index, hello.Count);
        byte[] helloFrame = channel.Reader.HeaderAndBody.ToArray();
        byte[] challenge = SendChallenge(channel, key is not null);
        ConnectionKeys keys = new(key is null ? default : key.Bytes, helloFrame, challenge);
        try
        {
            Expect(channel, FrameType.Proof, deadline);
            if (!CryptographicOperations.FixedTimeEquals(keys.ProofOfSender(), channel.Reader.Body))
                throw Refuse(channel, RejectReason.WrongProof);
            return new(channel, keys, channel.Reader.HeaderAndBody.ToArray(), key is not null, sender);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    /// <summary>Proves the receiver, tells its terms, and switches both directions to tags.</summary>
    internal void Welcome(in Welcome terms)
    {
        byte[] body = new byte[Wire.Welcome.Size];
        terms.Write(body.AsSpan(0, Wire.Welcome.TermsSize));
        _keys.ProofOfReceiver(_proof, body.AsSpan(0, Wire.Welcome.TermsSize)).CopyTo(body.AsSpan(Wire.Welcome.TermsSize));
        _channel.Socket.Send(SenderHandshake.Framed(FrameType.Welcome, body));
        if (!_hasKey)
            return;
        _channel.Reader.Tags = _keys.TagsOfSender();
        _channel.Writer.Tags = _keys.TagsOfReceiver();
    }

    /// <summary>Tells a peer why it is not served.</summary>
    /// <returns>What to throw.</returns>
    internal static HandshakeRefusedException Refuse(Channel channel, RejectReason reason)
    {
        Span<byte> body = stackalloc byte[4];
        WireWriter writer = new(body);
        writer.UInt16((ushort)reason);
        writer.Zeros(2);
        try
        {
            channel.Socket.Send(SenderHandshake.Framed(FrameType.Reject, body));
        }
        catch (TransferException)
        {
            // It has gone: then it need not know.
        }

        return new(reason);
    }

    public void Dispose() => _keys.Dispose();

    private static byte[] SendChallenge(Channel channel, bool hasKey)
    {
        Span<byte> nonce = stackalloc byte[WireLimits.NonceSize];
        RandomNumberGenerator.Fill(nonce);
        Span<byte> body = stackalloc byte[Challenge.Size];
        new Challenge { Version = ConnectionString.CurrentVersion, HasKey = hasKey, Nonce = nonce }.Write(body);
        byte[] frame = SenderHandshake.Framed(FrameType.Challenge, body);
        channel.Socket.Send(frame);
        return frame;
    }

    private static void Expect(Channel channel, FrameType type, long deadline)
    {
        bool came;
        try
        {
            came = channel.Reader.Next(deadline);
        }
        catch (TransferException e) when (e.Kind == ErrorKind.ProtocolViolation)
        {
            throw Refuse(channel, RejectReason.NotThisProtocol);
        }

        if (!came)
            throw new TransferException(ErrorKind.Disconnected, $"'{channel.Socket.Name}' went away.");
        if (channel.Reader.Header.Type != type)
            throw Refuse(channel, RejectReason.NotThisProtocol);
    }
}

/// <summary>A peer that was not let in.</summary>
internal sealed class HandshakeRefusedException(RejectReason reason) : Exception(RejectReasons.AsNote(reason))
{
    internal RejectReason Reason { get; } = reason;
}
