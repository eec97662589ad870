using System.Diagnostics;
using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Tests.Support;
using MemTools.Tests.Transfer.Network.Peers;

namespace MemTools.Tests.Transfer.Network;

/// <summary>Senders that have the key and do not keep to the protocol: refused, and nothing half-written gets a name.</summary>
public class DisorderlyPeerTests
{
    private const uint Large = 5 << 20;

    private static readonly byte[] Content5 = Content.Random(5000, seed: 5);

    /// <summary>What ends the connection, by name.</summary>
    private static readonly Dictionary<string, Action<WirePeer>> Offences = new()
    {
        ["a frame sent twice"] = peer =>
        {
            byte[] frame = peer.Frame(WireFrames.Folder, WireEntry.Folder(1, "twice").ToBytes());
            peer.Send(frame, frame);
        },
        ["a frame left out"] = peer =>
        {
            _ = peer.Frame(WireFrames.Alive, []);
            peer.Put(WireFrames.Folder, WireEntry.Folder(1, "second").ToBytes());
        },
        ["frames in another order"] = peer =>
        {
            byte[] first = peer.Frame(WireFrames.Alive, []);
            byte[] second = peer.Frame(WireFrames.Folder, WireEntry.Folder(1, "second").ToBytes());
            peer.Send(second, first);
        },
        ["a tag of zeros"] = peer => peer.Send(WireFrames.Make(WireFrames.Goodbye, []), new byte[16]),
        ["a hello again"] = peer => peer.Put(WireFrames.Hello, WireFrames.HelloBody(hasKey: true)),
        ["a proof again"] = peer => peer.Put(WireFrames.Proof, new byte[32]),
        ["a receiver's answer"] = peer => peer.Put(WireFrames.Answer, WireFrames.AnswerBody(1)),
        ["a receiver's results"] = peer => peer.Put(WireFrames.Results, WireFrames.ResultBody(1)),
        ["a receiver's stop"] = peer => peer.Put(WireFrames.Stop, WireFrames.StopBody(1, "stop")),
        ["a type that does not exist"] = peer => peer.Put(77, []),
        ["flags of a frame"] = peer => peer.Send(peer.Frame(WireFrames.Alive, [], flags: 1)),
        ["an id of zero"] = peer => peer.Put(WireFrames.Folder, WireEntry.Folder(0, "zero").ToBytes()),
        ["an id that is in use"] = peer =>
        {
            peer.Put(WireFrames.File, WireEntry.Offer(1, "first", Large).ToBytes());
            peer.Put(WireFrames.File, WireEntry.Offer(1, "second", Large).ToBytes());
        },
        ["2^63 bytes"] = peer => peer.Put(WireFrames.File, WireEntry.Offer(1, "endless", 1UL << 63).ToBytes()),
        ["2^64 - 1 bytes"] = peer => peer.Put(WireFrames.File, WireEntry.Offer(1, "endless", ulong.MaxValue).ToBytes()),
        ["2^63 bytes inline"] = peer => peer.Put(
            WireFrames.File, new WireEntry { Flags = WireEntry.Inline | WireEntry.Whole, Length = 1UL << 63, Path = "a"u8.ToArray() }.ToBytes()),
        ["another length than the payload's"] = peer => peer.Put(
            WireFrames.File,
            new WireEntry { Flags = WireEntry.Inline | WireEntry.Whole, Length = 10, Path = "a"u8.ToArray() }.ToBytes(),
            new byte[11]),
        ["an inline payload of more than 1 MiB"] = peer => peer.Send(peer.Frame(
            WireFrames.File,
            new WireEntry { Flags = WireEntry.Inline | WireEntry.Whole, Length = (1 << 20) + 1, Path = "a"u8.ToArray() }.ToBytes(),
            (1 << 20) + 1)),
        ["a payload of 4 GiB"] = peer =>
        {
            Begin(peer, Large);
            peer.Send(peer.Frame(WireFrames.Data, WireFrames.RangeBody(1, 0), uint.MaxValue));
        },
        ["a folder with a payload"] = peer => peer.Send(peer.Frame(WireFrames.Folder, WireEntry.Folder(1, "a").ToBytes(), 1), [0]),
        ["data beyond the end"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, Large - 5), new byte[10]);
        },
        ["data at 2^63 - 1"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, long.MaxValue), new byte[10]);
        },
        ["data at 2^64 - 1"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, ulong.MaxValue), new byte[10]);
        },
        ["data without bytes"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), []);
        },
        ["more data than the file has"] = peer =>
        {
            Begin(peer, Large);
            for (int i = 0; i < 3; i++)
                peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), new byte[Large / 2]);
        },
        ["two beginnings"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Begin, WireFrames.RangeBody(1, 0));
        },
        ["data before the beginning"] = peer =>
        {
            peer.Put(WireFrames.File, WireEntry.Offer(1, "large", Large).ToBytes());
            peer.Expect(WireFrames.Answer);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), new byte[10]);
        },
        ["a range twice"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), new byte[1000]);
            peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 500), new byte[1000]);
        },
        ["a small file that is not ended"] = peer =>
        {
            peer.Put(WireFrames.File, new WireEntry { Flags = WireEntry.Inline, Length = 5000, Path = "unended"u8.ToArray() }.ToBytes(), Content5);
            peer.Put(WireFrames.Folder, WireEntry.Folder(2, "between").ToBytes());
        },
        ["a beginning that was not offered"] = peer =>
        {
            peer.Put(WireFrames.File, WireEntry.Offer(1, "large", Large).ToBytes());
            peer.Expect(WireFrames.Answer);
            peer.Put(WireFrames.Begin, WireFrames.RangeBody(1, 4096));
        },
        ["an end with an outcome that does not exist"] = peer =>
        {
            Begin(peer, Large);
            peer.Put(WireFrames.End, WireFrames.EndBody(1, 6, 0, Large, null));
        },
        ["a mode with set-user-ID"] = peer => peer.Put(
            WireFrames.File, new WireEntry { Flags = WireEntry.HasMode, Mode = 0x9ED, Length = 10, Path = "a"u8.ToArray() }.ToBytes()),
        ["the mode of a device"] = peer => peer.Put(
            WireFrames.File, new WireEntry { Flags = WireEntry.HasMode, Mode = 0x2000, Length = 10, Path = "a"u8.ToArray() }.ToBytes()),
        ["flags that do not exist"] = peer => peer.Put(
            WireFrames.File, new WireEntry { Flags = 0x8000, Length = 10, Path = "a"u8.ToArray() }.ToBytes()),
        ["a path of 4,097 bytes"] = peer => peer.Put(WireFrames.Folder, WireEntry.Folder(1, new string('a', 4097)).ToBytes()),
        ["a path without end"] = peer =>
        {
            byte[] body = WireEntry.Folder(1, "short").ToBytes();
            body[72] = 0xFF;
            body[73] = 0xFF;
            peer.Put(WireFrames.Folder, body);
        },
        ["no path"] = peer => peer.Put(WireFrames.Folder, WireEntry.Folder(1, string.Empty).ToBytes()),
        ["a link without a target"] = peer => peer.Put(WireFrames.Link, WireEntry.Link(1, "link", string.Empty).ToBytes()),
        ["more attributes than there are"] = peer =>
            peer.Put(WireFrames.Folder, new WireEntry { Path = "a"u8.ToArray(), AttributeCount = 64 }.ToBytes()),
        ["65,535 attributes"] = peer => peer.Put(WireFrames.Folder, new WireEntry { Path = "a"u8.ToArray(), AttributeCount = 0xFFFF }.ToBytes()),
        ["something behind an entry"] = peer => peer.Put(WireFrames.Folder, new WireEntry { Path = "a"u8.ToArray(), Behind = [1] }.ToBytes()),
        ["a time with too many nanoseconds"] = peer => peer.Put(
            WireFrames.Folder, new WireEntry { Path = "a"u8.ToArray(), Flags = WireEntry.HasTimes, ModifyNanoseconds = 1_000_000_000 }.ToBytes()),
        ["something after goodbye"] = peer =>
        {
            peer.Put(WireFrames.Goodbye, []);
            peer.Put(WireFrames.Folder, WireEntry.Folder(1, "after").ToBytes());
        },
    };

    [Fact]
    public void Whatever_breaks_the_protocol_ends_the_connection_and_others_go_on()
    {
        TimeSpan idle = TimeSpan.FromMinutes(10);
        using RunningReceiver receiver = new(options: new() { IdleTime = idle });
        Aside honest = Aside.Run(() => receiver.SendHonestly("honest"));
        List<string> wrong = [];
        foreach ((string what, Action<WirePeer> offence) in Offences)
        {
            int warnings = receiver.Warnings.Length + receiver.Errors.Length;
            using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
            Stopwatch watch = Stopwatch.StartNew();
            // The connection may be gone before the last frame is sent.
            Exception? sending = Record.Exception(() => offence(peer));
            Assert.True(sending is null or System.Net.Sockets.SocketException, $"{what}: {sending}");
            peer.ReadToEnd();
            if (watch.Elapsed > idle / 2)
                wrong.Add($"{what}: the receiver waited for more");
            if (what != "something after goodbye")
                Waited.For(() => receiver.Warnings.Length + receiver.Errors.Length > warnings);
        }

        Assert.Null(honest.End());
        Assert.Empty(wrong);
        Waited.For(() => receiver.Unfinished.All(name => !name.Contains("offer", StringComparison.Ordinal)));
        string[] finished = receiver.Finished;
        // A folder may have been made before its frame came a second time.
        Assert.Equal(["honest", "honest.small"], finished.Where(name => name != "twice"));
        receiver.SendHonestly("honest after");
    }

    /// <summary>Of a file that has failed a moment ago such frames may be under way: they are dropped, and nothing else.</summary>
    [Fact]
    public void What_is_said_of_a_file_that_is_not_known_is_dropped()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        peer.Put(WireFrames.Data, WireFrames.RangeBody(99, 0), new byte[10]);
        peer.Put(WireFrames.Begin, WireFrames.RangeBody(99, 0));
        peer.Put(WireFrames.End, WireFrames.EndBody(99, 0, 0, 0, null));
        Assert.Empty(receiver.Names);
        peer.Put(WireFrames.File, WireEntry.Small(99, "small", Content5).ToBytes(), Content5);
        Assert.Equal(0, peer.Expect(WireFrames.Results).Body[4]);
        Content.AssertSame(Content5, receiver["small"]);
    }

    [Fact]
    public void More_offers_than_a_session_may_have_are_refused_one_by_one()
    {
        const int most = 16;
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        for (uint i = 1; i <= most; i++)
            Offer(peer, i, $"offer{i}", Large);
        for (uint i = most + 1; i <= most + 20; i++)
        {
            peer.Put(WireFrames.File, WireEntry.Offer(i, $"offer{i}", Large).ToBytes());
            AssertFailed(peer, ErrorKind.LimitExceeded);
        }

        // The first are as good as before.
        peer.Put(WireFrames.End, WireFrames.EndBody(1, 0, 0, Large, null));
        Assert.Equal(0, peer.Expect(WireFrames.Results).Body[4]);
        Assert.Equal(["offer1"], receiver.Finished);
    }

    [Fact]
    public void An_id_that_has_its_result_is_free_again()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        peer.Put(WireFrames.File, WireEntry.Offer(7, "../refused", Large).ToBytes());
        AssertFailed(peer, ErrorKind.NameRefused);
        Offer(peer, 7, "large", Large);
        peer.Put(WireFrames.Data, WireFrames.RangeBody(7, 0), Content5);
        peer.Put(WireFrames.End, WireFrames.EndBody(7, 0, (ulong)Content5.Length, Large, null));
        Assert.Equal(0, peer.Expect(WireFrames.Results).Body[4]);
        Assert.Equal(Large, new FileInfo(receiver["large"]).Length);
    }

    /// <summary>Zeros can be hashed for years: whoever wants to stop the receiver does not wait for that.</summary>
    [Fact]
    public void A_hole_without_end_does_not_keep_the_receiver_from_ending()
    {
        const ulong endless = 1UL << 50;
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        WireEntry offer = WireEntry.Offer(1, "endless", endless);
        offer.Flags = WireEntry.Hashed;
        peer.Put(WireFrames.File, offer.ToBytes());
        if (peer.Read() is not { Type: WireFrames.Answer })
            return;
        peer.Put(WireFrames.Begin, WireFrames.RangeBody(1, 0));
        peer.Put(WireFrames.End, WireFrames.EndBody(1, 0, 0, endless, new byte[32]));
        Thread.Sleep(100);
        Stopwatch watch = Stopwatch.StartNew();
        receiver.Dispose();
        Assert.True(watch.Elapsed < Waited.Longest, "The receiver did not end.");
    }

    [Fact]
    public void A_file_whose_digest_is_another_gets_no_name()
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        WireEntry small = WireEntry.Small(1, "small", Content5);
        small.Digest = SHA256.HashData([1]);
        peer.Put(WireFrames.File, small.ToBytes(), Content5);
        AssertFailed(peer, ErrorKind.VerificationFailed);

        Offer(peer, 2, "large", Large, WireEntry.Hashed);
        peer.Put(WireFrames.Data, WireFrames.RangeBody(2, 0), Content.Random((int)Large / 2));
        peer.Put(WireFrames.Data, WireFrames.RangeBody(2, Large / 2), Content.Random((int)Large / 2));
        peer.Put(WireFrames.End, WireFrames.EndBody(2, 0, Large, Large, new byte[32]));
        AssertFailed(peer, ErrorKind.VerificationFailed);
        // The sender may hear of it a moment before the unfinished file is gone.
        Waited.For(() => receiver.Names.Length == 0);
    }

    [Theory]
    [InlineData(1, ErrorKind.SourceTruncated)]
    [InlineData(2, ErrorKind.SourceChanged)]
    [InlineData(3, ErrorKind.IoError)]
    [InlineData(4, null)]
    public void A_file_that_its_sender_gave_up_gets_no_name(int outcome, ErrorKind? kind)
    {
        using RunningReceiver receiver = new();
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        Offer(peer, 1, "large", Large);
        peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), Content5);
        peer.Put(WireFrames.End, WireFrames.EndBody(1, (ushort)outcome, (ulong)Content5.Length, Large, null));
        WireFrame results = peer.Expect(WireFrames.Results);
        Assert.Equal(1, results.Body[4]);
        if (kind is { } expected)
            Assert.Equal(expected, KindOf(results));
        Assert.Empty(receiver.Finished);
    }

    [Fact]
    public void A_sender_that_falls_silent_or_drips_is_cut_off_after_the_idle_time()
    {
        using RunningReceiver receiver = new(options: new() { IdleTime = TimeSpan.FromSeconds(2) });
        Action<WirePeer>[] attacks =
        [
            _ => { },
            peer => peer.Send(peer.Frame(WireFrames.Folder, WireEntry.Folder(1, "half").ToBytes())[..^3]),
            peer =>
            {
                Offer(peer, 1, "dripped", Large);
                peer.Send(peer.Frame(WireFrames.Data, WireFrames.RangeBody(1, 0), Large / 2));
                Drip(peer, 100);
            },
            peer =>
            {
                peer.Send(peer.Frame(WireFrames.File, WireEntry.Small(1, "inline", new byte[1 << 20]).ToBytes(), 1 << 20));
                Drip(peer, 100);
            },
            peer =>
            {
                Offer(peer, 1, "offered", Large);
                peer.Put(WireFrames.Data, WireFrames.RangeBody(1, 0), Content5);
            },
        ];
        Aside[] asides = [.. attacks.Select(attack => Aside.Run(() =>
        {
            using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
            attack(peer);
            peer.ReadToEnd();
        }))];
        receiver.SendHonestly("honest");
        Assert.All(asides, aside => Assert.Null(aside.End()));
        Assert.Equal(["honest", "honest.small"], receiver.Finished);
    }

    [Fact]
    public void More_connections_than_allowed_are_refused_with_the_reason_until_one_goes()
    {
        const int tooManyConnections = 5;
        using RunningReceiver receiver = new(options: new() { MaximumConnections = 3 });
        List<WirePeer> peers = [.. Enumerable.Range(0, 3).Select(_ => WirePeer.Authenticated(receiver.EndPoint, receiver.Key))];
        using (WirePeer fourth = WirePeer.Connect(receiver.EndPoint))
        {
            byte[] hello = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(hasKey: true));
            fourth.Send(hello);
            WireFrame? answer = fourth.Read();
            if (answer is { Type: WireFrames.Challenge })
            {
                fourth.Put(WireFrames.Proof, new WireSecrets(receiver.Key, hello, WireFrames.Make(WireFrames.Challenge, answer.Body)).SenderProof);
                answer = fourth.Read();
            }

            Assert.Equal((WireFrames.Reject, tooManyConnections), (answer!.Type, answer.Reason));
        }

        peers[0].Dispose();
        Waited.For(() => receiver.Receiver.OpenConnections < 3);
        receiver.SendHonestly("honest");
        foreach (WirePeer peer in peers)
            peer.Dispose();
    }

    [Fact]
    public void A_session_whose_connection_comes_again_gives_the_old_one_up()
    {
        using RunningReceiver receiver = new();
        byte[] session = RandomNumberGenerator.GetBytes(16);
        using WirePeer old = WirePeer.Authenticated(receiver.EndPoint, receiver.Key, session);
        using WirePeer again = WirePeer.Authenticated(receiver.EndPoint, receiver.Key, session);
        old.ReadToEnd();
        again.Put(WireFrames.File, WireEntry.Small(1, "small", Content5).ToBytes(), Content5);
        Assert.Equal(0, again.Expect(WireFrames.Results).Body[4]);
        Content.AssertSame(Content5, receiver["small"]);
    }

    [Fact]
    public void Limits_of_size_and_of_entries_hold()
    {
        using RunningReceiver receiver = new(options: new() { MaximumSize = 10_000, MaximumSessionSize = 12_000, MaximumEntries = 4 });
        using WirePeer peer = WirePeer.Authenticated(receiver.EndPoint, receiver.Key);
        byte[] large = new byte[10_001];
        peer.Put(WireFrames.File, WireEntry.Small(1, "too large", large).ToBytes(), large);
        AssertFailed(peer, ErrorKind.LimitExceeded, ErrorKind.FileTooLarge);
        peer.Put(WireFrames.File, WireEntry.Offer(2, "too large offered", long.MaxValue).ToBytes());
        AssertFailed(peer, ErrorKind.LimitExceeded, ErrorKind.FileTooLarge);
        peer.Put(WireFrames.File, WireEntry.Small(3, "fits", large[..10_000]).ToBytes(), large[..10_000]);
        Assert.Equal(0, peer.Expect(WireFrames.Results).Body[4]);
        peer.Put(WireFrames.File, WireEntry.Small(4, "beyond the session", large[..9000]).ToBytes(), large[..9000]);
        WireFrame? last = peer.Read();
        Assert.True(last is { Type: WireFrames.Results or WireFrames.Stop }, "The limit of the session did not hold.");
        for (uint i = 5; i < 12; i++)
            Record.Exception(() => peer.Put(WireFrames.Folder, WireEntry.Folder(i, $"folder{i}").ToBytes()));
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        peer.ReadToEnd();
        Assert.True(receiver.Names.Length <= 4, string.Join(' ', receiver.Names));
        Assert.Equal(["fits"], receiver.Names.Where(name => File.Exists(receiver[name])));
    }

    private static void Begin(WirePeer peer, uint length) => Offer(peer, 1, "large", length);

    private static void Offer(WirePeer peer, uint id, string name, uint length, ushort flags = 0)
    {
        WireEntry offer = WireEntry.Offer(id, name, length);
        offer.Flags = flags;
        peer.Put(WireFrames.File, offer.ToBytes());
        peer.Expect(WireFrames.Answer);
        peer.Put(WireFrames.Begin, WireFrames.RangeBody(id, 0));
    }

    private static void Drip(WirePeer peer, int pause)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (Record.Exception(() => peer.Send([0])) is null)
        {
            Assert.True(watch.Elapsed < Waited.Longest, "Who drips is served for ever.");
            Thread.Sleep(pause);
        }
    }

    private static void AssertFailed(WirePeer peer, params ErrorKind[] kinds)
    {
        WireFrame results = peer.Expect(WireFrames.Results);
        Assert.Equal(1, results.Body[4]);
        Assert.Contains(KindOf(results), kinds);
    }

    private static ErrorKind KindOf(WireFrame results) => (ErrorKind)(results.Body[6] | (results.Body[7] << 8));
}
