using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Handshake;

/// <summary>A sender's side of the handshake.</summary>
internal static class SenderHandshake
{
    /// <summary>Proves the key to the receiver, has it prove its own, and switches both directions to tags.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="key">The shared key, or null.</param>
    /// <param name="session">16 random bytes, the same for all connections of the session.</param>
    /// <param name="index">Which connection it is.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="time">How long the receiver may take for all of it.</param>
    /// <exception cref="TransferException">AuthenticationFailed, LimitExceeded, NotSupported, ProtocolViolation, TimedOut, Disconnected.</exception>
    internal static Welcome Run(Channel channel, TransferKey? key, ReadOnlySpan<byte> session, int index, int count, TimeSpan time)
    {
        if (key is null && !channel.Socket.IsLocal)
            throw NotLocal(channel.Socket.Name);
        long deadline = PeerSocket.DeadlineIn(time);
        byte[] hello = SendHello(channel, key is not null, session, index, count);
        Expect(channel, FrameType.Challenge, deadline);
        Challenge challenge = Challenge.Read(channel.Reader.Body);
        if (challenge.Version != ConnectionString.CurrentVersion)
            throw Violation.Of($"it chose version {challenge.Version}, which was not offered");
        if (challenge.HasKey != key is not null)
            throw RejectReasons.AsError(key is null ? RejectReason.KeyWanted : RejectReason.NoKeyWanted, channel.Socket.Name);
        using ConnectionKeys keys = new(key is null ? default : key.Bytes, hello, channel.Reader.HeaderAndBody);
        byte[] proof = Framed(FrameType.Proof, keys.ProofOfSender());
        channel.Socket.Send(proof);
        Expect(channel, FrameType.Welcome, deadline);
        ReadOnlySpan<byte> body = channel.Reader.Body;
        ReadOnlySpan<byte> terms = body[..Welcome.TermsSize];
        if (!CryptographicOperations.FixedTimeEquals(keys.ProofOfReceiver(proof, terms), body[Welcome.TermsSize..]))
            throw new TransferException(ErrorKind.AuthenticationFailed, $"'{channel.Socket.Name}' could not prove that it has the key: nothing was sent to it.");
        Welcome welcome = Welcome.Read(terms);
        if (key is not null)
        {
            channel.Writer.Tags = keys.TagsOfSender();
            channel.Reader.Tags = keys.TagsOfReceiver();
        }

        return welcome;
    }

    internal static TransferException NotLocal(string name) => new(
        ErrorKind.AuthenticationFailed,
        $"'{name}' is another host, and without a key only connections within one host are made: give both ends a key, by -KeyPath, -Key or MEMTOOLS_KEY.");

    private static byte[] SendHello(Channel channel, bool hasKey, ReadOnlySpan<byte> session, int index, int count)
    {
        Span<byte> nonce = stackalloc byte[WireLimits.NonceSize];
        RandomNumberGenerator.Fill(nonce);
        Span<byte> body = stackalloc byte[Hello.Size];
        new Hello
        {
            LowestVersion = ConnectionString.CurrentVersion,
            HighestVersion = ConnectionString.CurrentVersion,
            HasKey = hasKey,
            Index = (ushort)index,
            Count = (ushort)count,
            Session = session,
            Nonce = nonce,
        }.Write(body);
        byte[] frame = Framed(FrameType.Hello, body);
        channel.Socket.Send(frame);
        return frame;
    }

    private static void Expect(Channel channel, FrameType type, long deadline)
    {
        if (!channel.Reader.Next(deadline))
            throw new TransferException(ErrorKind.Disconnected, $"'{channel.Socket.Name}' closed the connection instead of answering: is it a receiver of MemTools?");
        if (channel.Reader.Header.Type == FrameType.Reject)
        {
            WireReader reason = new(channel.Reader.Body);
            throw RejectReasons.AsError((RejectReason)reason.UInt16(), channel.Socket.Name);
        }

        if (channel.Reader.Header.Type != type)
            throw Violation.Of($"a {channel.Reader.Header.Type} frame came where {type} was due");
    }

    internal static byte[] Framed(FrameType type, ReadOnlySpan<byte> body)
    {
        byte[] frame = new byte[WireLimits.HeaderSize + body.Length];
        new FrameHeader(type, body.Length).Write(frame);
        body.CopyTo(frame.AsSpan(WireLimits.HeaderSize));
        return frame;
    }
}
