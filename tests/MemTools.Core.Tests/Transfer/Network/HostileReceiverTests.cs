using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Network;

/// <summary>An honest sender and a receiver that is not: errors with a sentence, in time, and never a crash or a wait without end.</summary>
public class HostileReceiverTests
{
    private static readonly byte[] Key = RunningReceiver.SharedKey;

    /// <summary>What a receiver may do after the handshake, by name.</summary>
    private static readonly Dictionary<string, Action<WirePeer>> Offences = new()
    {
        ["says nothing"] = peer => Drain(peer),
        ["does not even read"] = _ => Thread.Sleep(4000),
        ["goes away"] = _ => { },
        ["sends garbage"] = peer => peer.Send(Content.Random(4096)),
        ["sends a frame without its tag"] = peer => peer.Send(WireFrames.Make(WireFrames.Alive, []), new byte[16]),
        ["sends a sender's frame"] = peer => peer.Put(WireFrames.File, WireEntry.Small(1, "back", []).ToBytes()),
        ["sends a goodbye"] = peer => peer.Put(WireFrames.Goodbye, []),
        ["answers for a file that was not offered"] = peer => peer.Put(WireFrames.Answer, WireFrames.AnswerBody(12345)),
        ["has results of what was not sent"] = peer => peer.Put(WireFrames.Results, WireFrames.ResultBody(12345)),
        ["says twice that it is done"] = peer =>
        {
            uint id = FirstEntry(peer);
            peer.Put(WireFrames.Results, WireFrames.ResultBody(id));
            peer.Put(WireFrames.Results, WireFrames.ResultBody(id));
        },
        ["has an unfinished copy longer than the file"] = peer =>
            AtOffer(peer, id => peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id, (long.MaxValue, new byte[32])))),
        ["has 2^63 bytes already"] = peer => AtOffer(peer, id => peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id, (1UL << 63, new byte[32])))),
        ["has points that descend"] = peer =>
            AtOffer(peer, id => peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id, (2_000_000, new byte[32]), (1_000_000, new byte[32])))),
        ["has more points than it sends"] = peer => AtOffer(peer, id =>
        {
            byte[] body = WireFrames.AnswerBody(id, (4096, new byte[32]));
            body[4] = 64;
            peer.Put(WireFrames.Answer, body);
        }),
        ["answers twice"] = peer => AtOffer(peer, id =>
        {
            peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id));
            peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id));
        }),
        ["takes the offer and then nothing"] = peer => AtOffer(peer, id =>
        {
            peer.Put(WireFrames.Answer, WireFrames.AnswerBody(id));
            Thread.Sleep(4000);
        }),
        ["has results that end in the middle"] = peer => peer.Put(WireFrames.Results, WireFrames.ResultBody(1)[..9]),
        ["has a result with a text longer than the frame"] = peer => peer.Put(WireFrames.Results, [1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0x03]),
        ["has a status that does not exist"] = peer => peer.Put(WireFrames.Results, [1, 0, 0, 0, 9, 0, 0, 0, 0, 0]),
        ["stops"] = peer => peer.Put(WireFrames.Stop, WireFrames.StopBody((int)ErrorKind.NoSpace, "no more")),
        ["stops for a reason that does not exist"] = peer => peer.Put(WireFrames.Stop, WireFrames.StopBody(65535, string.Empty)),
    };

    [Fact]
    public void Whatever_the_receiver_does_the_sender_ends_with_an_error_in_time()
    {
        Aside[] asides = [.. Offences.Select(offence => Aside.Run(() =>
        {
            using HostileReceiver receiver = new(peer =>
            {
                peer.AuthenticateAsReceiver(Key);
                offence.Value(peer);
                peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
                Drain(peer);
            });
            Exception? error = receiver.Send(Key);
            Assert.True(error is TransferException, $"A receiver that {offence.Key}: {error?.ToString() ?? "no error"}");
            Assert.DoesNotContain("Exception", error!.Message, StringComparison.Ordinal);
        }))];
        string[] wrong = [.. asides.Select(aside => aside.End()?.Message).OfType<string>()];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void A_receiver_that_is_silent_in_the_handshake_is_given_up_in_time()
    {
        using HostileReceiver silent = new(Drain);
        TransferException error = Assert.IsType<TransferException>(silent.Send(Key));
        Assert.Contains(error.Kind, (ErrorKind[])[ErrorKind.TimedOut, ErrorKind.Unreachable]);

        using HostileReceiver dripping = new(peer =>
        {
            byte[] challenge = WireFrames.Make(WireFrames.Challenge, WireFrames.ChallengeBody(hasKey: true));
            foreach (byte one in challenge)
            {
                peer.Send([one]);
                Thread.Sleep(250);
            }
        });
        Assert.IsType<TransferException>(dripping.Send(Key));
    }

    [Theory]
    [InlineData(0, 4 << 20, 60)]
    [InlineData(1024, 0, 60)]
    [InlineData(1024, 1, 60)]
    [InlineData(1024, 4 << 20, 0)]
    public void Terms_that_allow_nothing_are_refused(uint unanswered, uint payload, uint idle)
    {
        using HostileReceiver receiver = new(peer =>
        {
            peer.AuthenticateAsReceiver(Key, WireFrames.Terms(unanswered: unanswered, payload: payload, idle: idle));
            Drain(peer);
        });
        TransferException error = Assert.IsType<TransferException>(receiver.Send(Key, HostileReceiver.Patient));
        Assert.Equal(ErrorKind.ProtocolViolation, error.Kind);
    }

    /// <summary>The sender keeps what is without a result, to send it again: that must not grow beyond what was agreed on.</summary>
    [Fact]
    public void Terms_without_limits_are_cut_to_those_of_the_protocol()
    {
        int entries = 0;
        using TempDirectory source = new(Place.Memory);
        string[] files = [.. Enumerable.Range(0, 3000).Select(i => source.Write($"file{i}", [1]))];
        using HostileReceiver receiver = new(peer =>
        {
            peer.AuthenticateAsReceiver(Key, WireFrames.Terms(ulong.MaxValue >> 1, uint.MaxValue, uint.MaxValue, uint.MaxValue));
            while (peer.Read() is { } frame)
            {
                entries += frame.Type == WireFrames.File ? 1 : 0;
                peer.ReadBytes(frame.Payload);
            }
        });
        Exception? error = Record.Exception(() => Sending.Run(receiver.ConnectionString, Key, HostileReceiver.Impatient, files));
        receiver.Dispose();
        Assert.True(error is null or TransferException, error?.ToString());
        Assert.InRange(entries, 1, 1024);
    }

    [Fact]
    public void What_a_receiver_says_does_not_move_the_cursor_of_a_terminal()
    {
        const string evil = "\u001b[2J\u001b]0;owned\u0007\r\n\u202Efake\u2028line";
        using HostileReceiver receiver = new(peer =>
        {
            peer.AuthenticateAsReceiver(Key);
            uint id = FirstEntry(peer);
            peer.Put(WireFrames.Results, WireFrames.ResultBody(id, failed: true, kind: (int)ErrorKind.NoSpace, text: evil));
            peer.Put(WireFrames.Stop, WireFrames.StopBody((int)ErrorKind.NoSpace, evil));
            Drain(peer);
        });
        Exception? error = receiver.Send(Key, HostileReceiver.Impatient, out TreeOutcome[] outcomes);
        string[] texts =
        [
            .. outcomes.Select(outcome => outcome.Error?.Message ?? outcome.Warning).OfType<string>(), .. error is null ? Array.Empty<string>() : [error.Message],
        ];
        Assert.NotEmpty(texts);
        foreach (string text in texts)
            Assert.DoesNotContain(text, one => char.IsControl(one) || one is '\u202E' or '\u2028');
    }

    /// <summary>Each connection gets a little further, or none does: the sender gives up after as many tries as it was told.</summary>
    [Fact]
    public void A_receiver_that_breaks_off_every_time_is_given_up_after_the_tries_that_were_asked_for()
    {
        using HostileReceiver receiver = new(peer => peer.AuthenticateAsReceiver(Key));
        TransferException error = Assert.IsType<TransferException>(
            receiver.Send(Key, HostileReceiver.Patient with { MaximumRetryCount = 3, RetryInterval = TimeSpan.FromMilliseconds(10) }));
        Assert.Equal(ErrorKind.Disconnected, error.Kind);
        Assert.InRange(receiver.Connections, 2, 5);
    }

    private static void Drain(WirePeer peer)
    {
        byte[] buffer = new byte[64 * 1024];
        while (Record.Exception(() => Assert.NotEqual(0, peer.Socket.Receive(buffer))) is null)
        {
        }
    }

    /// <summary>The id of the first entry that the sender sends, whose payload is read.</summary>
    private static uint FirstEntry(WirePeer peer) => NextEntry(peer, offered: false);

    private static void AtOffer(WirePeer peer, Action<uint> act) => act(NextEntry(peer, offered: true));

    private static uint NextEntry(WirePeer peer, bool offered)
    {
        while (peer.Read() is { } frame)
        {
            if (frame.Payload > 0)
                peer.ReadBytes(frame.Payload);
            uint id = frame.Body.Length >= 4 ? BitConverter.ToUInt32(frame.Body) : 0;
            bool isInline = frame.Type == WireFrames.File && (frame.Body[4] & WireEntry.Inline) != 0;
            if (frame.Type == WireFrames.File && isInline != offered)
                return id;
            if (isInline)
                peer.Put(WireFrames.Results, WireFrames.ResultBody(id));
        }

        throw new InvalidOperationException("The sender sent no such entry.");
    }
}
