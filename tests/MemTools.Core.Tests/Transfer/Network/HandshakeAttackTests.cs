using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;
using Xunit.Abstractions;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Peers without the key: they get nothing, cost little, and others do not notice.</summary>
public class HandshakeAttackTests(ITestOutputHelper output)
{
    private const int KeyWanted = 2;
    private const int NoKeyWanted = 3;
    private const int WrongProof = 4;
    private const int NotThisProtocol = 6;

    /// <summary>What a peer may say instead of a Hello.</summary>
    public static TheoryData<string> FirstWords => [.. Garbage.Keys];

    private static readonly Dictionary<string, byte[]> Garbage = new()
    {
        ["random bytes"] = Content.Random(4096, seed: 7),
        ["zeros"] = new byte[4096],
        ["a request for a web page"] = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        ["the start of TLS"] = Convert.FromHexString("16030100f8010000f40303" + Convert.ToHexString(Content.Random(240))),
        ["a body of 65,535 bytes"] = [WireFrames.Hello, 0, 0xFF, 0xFF, 0, 0, 0, 0, .. new byte[70_000]],
        ["a payload of 4 GiB"] = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true), uint.MaxValue),
        ["a type that does not exist"] = WireFrames.Make(99, new byte[64]),
        ["a frame with flags"] = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true), flags: 0x80),
        ["another magic"] = WireFrames.Make(WireFrames.Hello, [.. "MEMTOOLZ"u8, .. WireFrames.HelloBody(hasKey: true)[8..]]),
        ["a connection that its session does not have"] = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true, index: 3, count: 2)),
        ["a session of no connections"] = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true, count: 0)),
        ["a session of too many connections"] = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true, count: 17)),
        ["a file"] = [.. WireFrames.Make(WireFrames.File, WireEntry.Small(1, "intruder", [1, 2, 3]).ToBytes(), 3), 1, 2, 3],
        ["an offer of 2^63 bytes"] = WireFrames.Make(WireFrames.File, WireEntry.Offer(1, "intruder", 1UL << 63).ToBytes()),
        ["data"] = [.. WireFrames.Make(WireFrames.Data, WireFrames.RangeBody(1, 0), 100), .. new byte[100]],
        ["a proof"] = WireFrames.Make(WireFrames.Proof, new byte[32]),
        ["a goodbye"] = WireFrames.Make(WireFrames.Goodbye, []),
        ["a sign of life"] = WireFrames.Make(WireFrames.Alive, []),
        ["a welcome"] = WireFrames.Make(WireFrames.Welcome, new byte[64]),
    };

    [Fact]
    public void What_is_no_hello_ends_the_connection_at_once_and_others_go_on()
    {
        // It must be what they say that ends them, and not their time.
        using RunningReceiver receiver = new(options: new() { HandshakeTime = TimeSpan.FromMinutes(10) });
        Aside honest = Aside.Run(() => receiver.SendHonestly("honest"));
        foreach ((string what, byte[] words) in Garbage)
        {
            using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
            Stopwatch watch = Stopwatch.StartNew();
            peer.Send(words);
            List<WireFrame> answers = peer.ReadToEnd();
            Assert.True(watch.Elapsed < Waited.Longest, $"After {what} the receiver waited for more.");
            // Where bytes were left unread the kernel resets the connection, and the answer may be lost with it.
            Assert.All(answers, answer => Assert.Equal((WireFrames.Reject, NotThisProtocol), (answer.Type, answer.Reason)));
        }

        Assert.Null(honest.End());
        Waited.For(() => receiver.Warnings.Length >= Garbage.Count);
        Assert.Equal(["honest", "honest.small"], receiver.Names);
    }

    [Fact]
    public void After_hello_only_the_proof_is_taken()
    {
        using RunningReceiver receiver = new();
        foreach ((string what, byte[] words) in Garbage.Where(one => one.Key != "a proof"))
        {
            using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
            peer.Put(WireFrames.Hello, WireFrames.HelloBody(hasKey: true));
            peer.Expect(WireFrames.Challenge);
            peer.Send(words);
            Assert.All(peer.ReadToEnd(), answer => Assert.True(answer is { Type: WireFrames.Reject, Reason: NotThisProtocol }, what));
        }

        receiver.SendHonestly("honest");
        Assert.Equal(["honest", "honest.small"], receiver.Names);
        Waited.For(() => receiver.Warnings.Length >= Garbage.Count - 1);
    }

    [Fact]
    public void A_hello_with_everything_behind_it_does_not_get_in_before_its_proof_is_checked()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
        peer.Send(
            WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true)),
            WireFrames.Make(WireFrames.Proof, new byte[32]),
            WireFrames.Make(WireFrames.File, WireEntry.Small(1, "intruder", []).ToBytes()));
        Assert.DoesNotContain(peer.ReadToEnd(), frame => frame.Type is not WireFrames.Challenge and not WireFrames.Reject);
        receiver.SendHonestly("honest");
        Assert.Equal(["honest", "honest.small"], receiver.Names);
    }

    [Fact]
    public void A_peer_has_ten_seconds_to_prove_itself() => Assert.Equal(TimeSpan.FromSeconds(10), new ReceiveOptions().HandshakeTime);

    /// <summary>All of them at once, since each takes the receiver's whole patience, which is less here.</summary>
    [Fact]
    public void Who_says_nothing_or_drips_is_cut_off_when_the_time_for_the_handshake_is_over_and_others_go_on()
    {
        TimeSpan limit = TimeSpan.FromSeconds(3);
        using RunningReceiver receiver = new(options: new() { HandshakeTime = limit });
        byte[] hello = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true));
        Stopwatch watch = Stopwatch.StartNew();
        Func<WirePeer, Action>[] attacks =
        [
            _ => () => { },
            peer => () => peer.Send(hello[..1]),
            peer => () => peer.Send(hello[..^1]),
            peer => () => Drip(peer, hello),
            peer => () => peer.Send(hello),
            peer => () => Drip(peer, [.. hello, .. WireFrames.Make(WireFrames.Proof, new byte[32])], whole: hello.Length),
        ];
        WirePeer[] peers = [.. attacks.Select(_ => WirePeer.Connect(receiver.EndPoint))];
        Aside[] asides = [.. attacks.Select((attack, i) => Aside.Run(() =>
        {
            attack(peers[i])();
            Assert.All(peers[i].ReadToEnd(), frame => Assert.Equal(WireFrames.Challenge, frame.Type));
        }))];
        receiver.SendHonestly("honest");
        Assert.All(asides, aside => Assert.Null(aside.End()));
        output.WriteLine($"the last was cut off after {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(watch.Elapsed, limit * 0.9, limit + Waited.Longest);
        Waited.For(() => receiver.Warnings.Length >= attacks.Length);
        Assert.Equal(["honest", "honest.small"], receiver.Names);
        foreach (WirePeer peer in peers)
            peer.Dispose();
    }

    [Fact]
    public void Guessed_keys_are_refused_every_time_and_others_go_on()
    {
        const int guessers = 4;
        int guesses = NetworkRepeats.GuessedKeys;
        using RunningReceiver receiver = new();
        int refused = 0;
        Aside[] asides = [.. Enumerable.Range(0, guessers).Select(guesser => Aside.Run(() =>
        {
            for (int i = 0; i < guesses / guessers; i++)
            {
                byte[] guess = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"a guess with enough bytes {guesser} {i}"));
                using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
                byte[] hello = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true));
                peer.Send(hello);
                WireFrame challenge = peer.Expect(WireFrames.Challenge);
                peer.Put(WireFrames.Proof, new WireSecrets(guess, hello, WireFrames.Make(WireFrames.Challenge, challenge.Body)).SenderProof);
                Assert.Equal(WrongProof, peer.Expect(WireFrames.Reject).Reason);
                Assert.Null(peer.Read());
                Interlocked.Increment(ref refused);
            }
        }))];
        receiver.SendHonestly("honest");
        Assert.All(asides, aside => Assert.Null(aside.End()));
        receiver.SendHonestly("honest after");
        output.WriteLine($"{refused} guesses refused");
        Assert.Equal(guesses / guessers * guessers, refused);
        Assert.Equal(4, receiver.Names.Length);
        receiver.WaitForWarning("another key");
    }

    [Fact]
    public void A_recorded_session_proves_nothing_the_second_time()
    {
        using RunningReceiver receiver = new();
        List<byte> toReceiver = [];
        List<byte> toSender = [];
        using (Relay relay = new(receiver.EndPoint) { ToReceiver = _ => Recorder(toReceiver), ToSender = _ => Recorder(toSender) })
        {
            using TempDirectory source = new(Place.Memory);
            string file = source.Write("recorded", Content.Random(5000));
            Sending.ResultOf(Sending.Run(ConnectionString.ForHost("127.0.0.1", relay.Port, needsKey: true), receiver.Key, new(), file));
        }

        File.Delete(receiver["recorded"]);
        Waited.For(() => receiver.Results.Length > 0);
        int results = receiver.Results.Length;
        using WirePeer replayer = WirePeer.Connect(receiver.EndPoint);
        replayer.Send([.. toReceiver]);
        Assert.DoesNotContain(replayer.ReadToEnd(), frame => frame.Type is not WireFrames.Challenge and not WireFrames.Reject);
        receiver.WaitForWarning("another key");
        Assert.Empty(receiver.Names);
        Assert.Equal(results, receiver.Results.Length);

        // And the receiver's side of it, against a sender.
        using HostileReceiver replay = new(peer =>
        {
            peer.Send([.. toSender]);
            peer.ReadToEnd();
        });
        AssertNothingSent(replay.Send(RunningReceiver.SharedKey), ErrorKind.AuthenticationFailed);
    }

    [Fact]
    public void A_proof_that_is_sent_back_is_none()
    {
        // The sender's own proof as the receiver's, under the sender's own nonce as the receiver's.
        using HostileReceiver mirror = new(peer =>
        {
            WireFrame hello = peer.Expect(WireFrames.Hello);
            peer.Put(WireFrames.Challenge, [.. "MEMTOOLS"u8, 1, 1, 0, 0, 0, 0, 0, 0, .. hello.Body[^32..]]);
            WireFrame proof = peer.Expect(WireFrames.Proof);
            peer.Put(WireFrames.Welcome, [.. WireFrames.Terms(), .. proof.Body]);
            Assert.Null(peer.Read());
        });
        AssertNothingSent(mirror.Send(RunningReceiver.SharedKey), ErrorKind.AuthenticationFailed);

        // Its frames as they are, straight back.
        using HostileReceiver echo = new(peer =>
        {
            byte[] buffer = new byte[4096];
            while (peer.Socket.Receive(buffer) is var count and > 0)
                peer.Send(buffer[..count]);
        });
        AssertNothingSent(echo.Send(RunningReceiver.SharedKey), ErrorKind.ProtocolViolation);
    }

    [Fact]
    public void A_receiver_that_has_not_the_key_gets_no_name_and_no_byte()
    {
        using HostileReceiver guesser = new(peer =>
        {
            WireFrame hello = peer.Expect(WireFrames.Hello);
            byte[] challenge = WireFrames.Make(WireFrames.Challenge, WireFrames.ChallengeBody(hasKey: true));
            peer.Send(challenge);
            WireFrame proof = peer.Expect(WireFrames.Proof);
            WireSecrets guess = new(Encoding.ASCII.GetBytes("a guess with enough bytes"), WireFrames.Make(WireFrames.Hello, hello.Body), challenge);
            byte[] terms = WireFrames.Terms();
            peer.Put(WireFrames.Welcome, [.. terms, .. guess.ReceiverProof(WireFrames.Make(WireFrames.Proof, proof.Body), terms)]);
            Assert.Null(peer.Read());
        });
        AssertNothingSent(guesser.Send(RunningReceiver.SharedKey), ErrorKind.AuthenticationFailed);
    }

    [Fact]
    public void A_sender_with_a_key_is_not_talked_into_doing_without()
    {
        using HostileReceiver downgrade = new(peer =>
        {
            peer.Expect(WireFrames.Hello);
            peer.Put(WireFrames.Challenge, WireFrames.ChallengeBody(hasKey: false));
            Assert.Null(peer.Read());
        });
        AssertNothingSent(downgrade.Send(RunningReceiver.SharedKey), ErrorKind.AuthenticationFailed);
    }

    [Theory]
    [InlineData(true, KeyWanted)]
    [InlineData(false, NoKeyWanted)]
    public void Only_one_end_with_a_key_is_refused_at_both_ends(bool receiverHasKey, int reason)
    {
        using RunningReceiver receiver = new(receiverHasKey);
        using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
        peer.Put(WireFrames.Hello, WireFrames.HelloBody(hasKey: !receiverHasKey));
        Assert.Equal(reason, peer.Expect(WireFrames.Reject).Reason);
        Assert.Null(peer.Read());
        receiver.WaitForWarning("refused");
    }

    [Fact]
    public void Without_a_key_nobody_listens_to_other_hosts()
    {
        using TempDirectory folder = new();
        Exception? error = Record.Exception(() =>
        {
            using FileReceiver receiver = new(folder.Path, null, new() { Address = IPAddress.Any });
            receiver.Start();
        });
        Assert.IsAssignableFrom<IHasErrorKind>(error);
        Assert.Contains("key", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_is_refused_with_that_reason()
    {
        const int noCommonVersion = 1;
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Connect(receiver.EndPoint);
        peer.Put(WireFrames.Hello, WireFrames.HelloBody(hasKey: true, lowest: 2, highest: 9));
        Assert.Equal(noCommonVersion, peer.Expect(WireFrames.Reject).Reason);
        receiver.SendHonestly("honest");
    }

    /// <summary>Nobody can fill the receiver's memory with connections that say nothing, nor keep others out with them.</summary>
    [Fact]
    public void Connections_that_are_not_through_are_bounded_and_do_not_keep_others_out()
    {
        const int wanted = 300;
        const int mostUnproved = 128;
        // It must be their number that ends them, and not their time.
        using RunningReceiver receiver = new(options: new() { HandshakeTime = TimeSpan.FromMinutes(10) });
        WirePeer[] silent = [.. Enumerable.Range(0, wanted).Select(_ => WirePeer.Connect(receiver.EndPoint))];
        receiver.SendHonestly("honest");
        Waited.For(() => receiver.Receiver.OpenConnections <= mostUnproved + 1);
        Assert.DoesNotContain(silent[0].ReadToEnd(), frame => frame.Type != WireFrames.Reject);
        foreach (WirePeer peer in silent)
            peer.Dispose();
    }

    private static void Drip(WirePeer peer, byte[] words, int whole = 0)
    {
        try
        {
            peer.Send(words[..whole]);
            foreach (byte one in words[whole..])
            {
                peer.Send([one]);
                Thread.Sleep(100);
            }
        }
        catch (SocketException)
        {
            // Cut off, which is what the test waits for.
        }
    }

    private static RelayFrames Recorder(List<byte> into) => new(keyed: true, frame =>
    {
        lock (into)
            into.AddRange(frame.Bytes);
        return frame.Bytes;
    });

    private static void AssertNothingSent(Exception? error, ErrorKind kind)
    {
        TransferException refused = Assert.IsType<TransferException>(error);
        Assert.Equal(kind, refused.Kind);
    }
}
