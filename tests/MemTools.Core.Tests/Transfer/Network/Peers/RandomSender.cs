using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MemTools.Kernel;
using MemTools.Tests.Support;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>What random peers said, and what they were answered, by name.</summary>
internal sealed class MessageCounts
{
    private readonly ConcurrentDictionary<string, long> _sent = [];
    private readonly ConcurrentDictionary<string, long> _answered = [];
    private long _before;
    private long _after;

    internal long Before => Interlocked.Read(ref _before);

    internal long After => Interlocked.Read(ref _after);

    internal long Total => Before + After;

    internal void Sent(string what, bool authenticated)
    {
        _sent.AddOrUpdate(what, 1, (_, count) => count + 1);
        Interlocked.Increment(ref (authenticated ? ref _after : ref _before));
    }

    internal void Answered(string what) => _answered.AddOrUpdate(what, 1, (_, count) => count + 1);

    internal long Of(string what) => _sent.GetValueOrDefault(what);

    internal long AnsweredWith(string prefix) => _answered.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(one => one.Value);

    public override string ToString() =>
        $"{Before} messages before and {After} after the handshake\nsent: {List(_sent)}\nanswered: {List(_answered)}";

    private static string List(ConcurrentDictionary<string, long> counts) =>
        string.Join(", ", counts.OrderByDescending(one => one.Value).Select(one => $"{one.Value} {one.Key}"));
}

/// <summary>
/// A sender that follows the protocol far enough to get everywhere, and then not: frames that would be right with one field,
/// length, id, flag or their order changed.
/// </summary>
internal sealed class RandomSender(EndPoint target, byte[]? key, int seed, MessageCounts counts)
{
    private static readonly ulong[] Lengths =
    [
        0, 1, 255, 256, 4095, 4096, 65535, 65536, 1 << 20, (1 << 20) + 1, 4 << 20, (4 << 20) + 1, 5 << 20, int.MaxValue, uint.MaxValue, 1UL << 40,
        (1UL << 63) - 1, 1UL << 63, ulong.MaxValue,
    ];

    private static readonly string[] Names =
    [
        "a", "b", "c", "d/e", "d/f/g", "..", "../out", "/out", "d/../../out", ".", "d//e", "", "a\0b", ".a.memtools-0123456789ab", "l", "l/x", "\u001b[2J",
        "line\nbreak", "\u202Ex", "d", "\uFFFF", "-rf", " ",
    ];

    private static readonly string[] Targets = ["a", "d/e", "..", "../..", "/etc/passwd", "./a", "d/../..", "", "a\0b", "l", "../out"];

    private readonly Random _random = new(seed);
    private readonly byte[] _session = RandomNumberGenerator.GetBytes(16);
    private readonly List<byte> _gathered = [];

    /// <summary>A connection that never gets through the handshake.</summary>
    internal void TryHandshake()
    {
        using WirePeer peer = WirePeer.Connect(target);
        try
        {
            byte lowest = (byte)(_random.Next(8) == 0 ? 2 : 1);
            byte[] right = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(_random.Next(4) > 0, lowest: lowest, highest: lowest));
            byte[] hello = Mutate(right, always: false);
            SendBare(peer, hello, "hello");
            bool isEarly = _random.Next(8) == 0;
            if (isEarly)
                SendBare(peer, Any(peer), "frame before its time");
            if (isEarly || !ReferenceEquals(hello, right))
            {
                // Else the receiver would wait for the rest of it, as it should.
                ReadRest(peer);
                return;
            }

            WireFrame? answer = peer.Read();
            Note(answer);
            if (answer is not { Type: WireFrames.Challenge })
                return;
            byte[] proof = WireFrames.Make(
                WireFrames.Proof, new WireSecrets(key, hello, WireFrames.Make(WireFrames.Challenge, answer.Body)).SenderProof);
            if (_random.Next(6) == 0)
                SendBare(peer, Any(peer), "frame instead of a proof");
            SendBare(peer, Mutate(proof, always: true), "proof");
            ReadRest(peer);
        }
        catch (System.Net.Sockets.SocketException)
        {
            counts.Answered("broken off");
        }
    }

    private void ReadRest(WirePeer peer)
    {
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        while (peer.Read() is { } frame)
            Note(frame);
        counts.Answered("end");
    }

    /// <summary>A connection of somebody with the key who does not keep to the protocol.</summary>
    internal void Talk()
    {
        using WirePeer peer = WirePeer.Authenticated(target, key, _session);
        try
        {
            // Not so many that the answers could fill the way back, for they are read afterwards.
            int messages = _random.Next(5, 60);
            for (int i = 0; i < messages; i++)
            {
                Say(peer);
                if (_gathered.Count > 30_000 || _random.Next(10) == 0)
                    Flush(peer);
            }

            if (_random.Next(3) == 0)
                Put(peer, WireFrames.Goodbye, [], "goodbye");
            Flush(peer);
            ReadRest(peer);
        }
        catch (System.Net.Sockets.SocketException)
        {
            counts.Answered("broken off");
            while (peer.Read() is { } frame)
                Note(frame);
        }
    }

    private void Flush(WirePeer peer)
    {
        byte[] bytes = [.. _gathered];
        _gathered.Clear();
        peer.Send(bytes);
    }

    private void Say(WirePeer peer)
    {
        switch (_random.Next(12))
        {
            case 0 or 1 or 2:
                SayInline(peer);
                break;
            case 3 or 4:
                SayRanged(peer);
                break;
            case 5:
                Put(peer, WireFrames.Folder, Entry(WireEntry.Folder(Id(), Name(), (ushort)_random.Next(0x1FF))), "folder");
                break;
            case 6:
                Put(peer, WireFrames.Link, Entry(WireEntry.Link(Id(), Name(), Targets[_random.Next(Targets.Length)])), "link");
                break;
            case 7:
                Put(peer, WireFrames.Alive, [], "alive");
                break;
            case 8:
                Put(peer, WireFrames.Begin, WireFrames.RangeBody(Id(), Length()), "begin");
                break;
            case 9:
                Put(peer, WireFrames.End, WireFrames.EndBody(Id(), (ushort)_random.Next(7), Length(), Length(), _random.Next(2) == 0 ? null : new byte[32]), "end");
                break;
            case 10:
                PutData(peer, Id(), Length(), _random.Next(3000));
                break;
            default:
                // Rare, since each ends the connection.
                if (_random.Next(4) == 0)
                    Gather(Any(peer), "frame out of place");
                else
                    Put(peer, WireFrames.Alive, [], "alive");
                break;
        }
    }

    private void SayInline(WirePeer peer)
    {
        byte[] content = new byte[_random.Next(20) == 0 ? _random.Next(300_000) : _random.Next(2000)];
        _random.NextBytes(content);
        WireEntry entry = WireEntry.Small(Id(), Name(), content);
        if (_random.Next(8) == 0)
            entry.Digest[_random.Next(32)] ^= 1;
        bool ended = _random.Next(4) == 0;
        if (ended)
        {
            entry.Flags = (ushort)(WireEntry.Inline | (_random.Next(2) == 0 ? WireEntry.Hashed : 0));
            entry.Digest = new byte[32];
        }

        Decorate(entry);
        Put(peer, WireFrames.File, Entry(entry), ended ? "file to be ended" : "file", content);
        if (!ended)
            return;
        byte[]? digest = (entry.Flags & WireEntry.Hashed) != 0 ? SHA256.HashData(content) : null;
        Put(peer, WireFrames.End, Body(WireFrames.EndBody(entry.Id, (ushort)(_random.Next(3) == 0 ? _random.Next(6) : 0), entry.Length, entry.Length, digest)), "end of inline");
    }

    private void SayRanged(WirePeer peer)
    {
        uint id = Id();
        ulong length = _random.Next(10) == 0 ? Math.Min(Length(), 1UL << 45) : (ulong)_random.Next(1, 200_000);
        WireEntry offer = WireEntry.Offer(id, Name(), length);
        bool hashed = _random.Next(2) == 0 && length < 1 << 30;
        offer.Flags = hashed ? WireEntry.Hashed : (ushort)0;
        Decorate(offer);
        Put(peer, WireFrames.File, Entry(offer), "offer");
        if (_random.Next(12) != 0)
            Put(peer, WireFrames.Begin, WireFrames.RangeBody(id, _random.Next(12) == 0 ? Length() : 0), "begin of offer");
        ulong sent = 0;
        for (int range = _random.Next(4); range > 0; range--)
        {
            int size = (int)Math.Min(length - Math.Min(sent, length), (ulong)_random.Next(1, 50_000));
            if (size == 0)
                break;
            PutData(peer, id, _random.Next(12) == 0 ? Length() : sent, size);
            sent += (ulong)size;
        }

        if (_random.Next(10) == 0)
            return;
        ushort outcome = (ushort)(_random.Next(4) == 0 ? _random.Next(6) : 0);
        Put(peer, WireFrames.End, Body(WireFrames.EndBody(id, outcome, sent, length, hashed ? new byte[32] : null)), "end of offer");
    }

    private void Decorate(WireEntry entry)
    {
        if (_random.Next(3) == 0)
        {
            entry.Flags |= WireEntry.HasMode;
            entry.Mode = (ushort)_random.Next(_random.Next(10) == 0 ? 0xFFFF : 0x200);
        }

        if (_random.Next(3) == 0)
        {
            entry.Flags |= WireEntry.HasTimes;
            entry.ModifySeconds = _random.Next(4) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : _random.Next();
            entry.ModifyNanoseconds = (uint)_random.Next(_random.Next(20) == 0 ? int.MaxValue : 1_000_000_000);
        }

        if (_random.Next(5) == 0)
            entry.Attributes.Add((Encoding.UTF8.GetBytes(_random.Next(3) == 0 ? "security.x" : "user.x"), new byte[_random.Next(300)]));
    }

    /// <summary>A frame of any type with a body of any length that would be right for some type.</summary>
    private byte[] Any(WirePeer peer)
    {
        byte[] types = [0, 1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 20, 21, 22, 23, 32, 33, 34, 48, 99, 255];
        int[] sizes = [0, 4, 8, 10, 16, 32, 48, 56, 64, 81, 200, 5000, 65535];
        byte[] body = new byte[sizes[_random.Next(sizes.Length)]];
        _random.NextBytes(body);
        uint payload = _random.Next(4) == 0 ? (uint)Length() : 0;
        return peer.Frame(types[_random.Next(types.Length)], body, payload, (byte)(_random.Next(10) == 0 ? 1 : 0));
    }

    private byte[] Entry(WireEntry entry) => Body(entry.ToBytes());

    /// <summary>Mostly as it is; else with a byte changed, or cut, or longer.</summary>
    private byte[] Body(byte[] body)
    {
        if (_random.Next(15) != 0)
            return body;
        return _random.Next(6) switch
        {
            0 => body[.._random.Next(body.Length)],
            1 => [.. body, .. new byte[_random.Next(1, 100)]],
            2 => Overwrite(body, BitConverter.GetBytes(Length())),
            3 => Overwrite(body, [0xFF, 0xFF]),
            4 => Overwrite(body, [0, 0]),
            _ => Overwrite(body, [(byte)_random.Next(256)]),
        };
    }

    private byte[] Overwrite(byte[] body, byte[] by)
    {
        if (body.Length < by.Length)
            return body;
        byte[] changed = [.. body];
        by.CopyTo(changed, _random.Next(body.Length - by.Length + 1));
        return changed;
    }

    private byte[] Mutate(byte[] frame, bool always) => !always && _random.Next(2) == 0 ? frame : _random.Next(5) switch
    {
        0 => frame[.._random.Next(1, frame.Length)],
        1 => Overwrite(frame, BitConverter.GetBytes(Length())),
        2 => Overwrite(frame, [(byte)_random.Next(256)]),
        3 => [.. frame, .. new byte[_random.Next(1, 100)]],
        _ => Overwrite(frame, [0xFF, 0xFF]),
    };

    private void PutData(WirePeer peer, uint id, ulong offset, int size)
    {
        byte[] payload = new byte[size];
        Put(peer, WireFrames.Data, WireFrames.RangeBody(id, offset), "data", payload);
    }

    private void Put(WirePeer peer, byte type, byte[] body, string what, byte[]? payload = null)
    {
        // Sometimes with another length than there is, so that what follows is out of step.
        uint length = _random.Next(200) == 0 ? (uint)Length() : (uint)(payload?.Length ?? 0);
        Gather(peer.Frame(type, body, length), what);
        if (payload is not null)
            _gathered.AddRange(payload);
    }

    private void Gather(byte[] frame, string what)
    {
        _gathered.AddRange(frame);
        counts.Sent(what, authenticated: true);
    }

    private void SendBare(WirePeer peer, byte[] frame, string what)
    {
        peer.Send(frame);
        counts.Sent(what, authenticated: false);
    }

    private void Note(WireFrame? frame)
    {
        counts.Answered(frame?.Type switch
        {
            null => "end",
            WireFrames.Challenge => "challenge",
            WireFrames.Reject => $"reject {frame.Reason}",
            WireFrames.Answer => "answer",
            WireFrames.Stop => $"stop {(ErrorKind)frame.Reason}",
            WireFrames.Alive => "alive",
            WireFrames.Results => "results",
            _ => $"frame of type {frame.Type}",
        });
        if (frame is { Type: WireFrames.Results })
            NoteResults(frame.Body);
    }

    private void NoteResults(byte[] body)
    {
        for (int at = 0; at < body.Length; at += 10 + BitConverter.ToUInt16(body, at + 8))
            counts.Answered(body[at + 4] == 0 ? $"result done {body[at + 5]}" : $"result {(ErrorKind)BitConverter.ToUInt16(body, at + 6)}");
    }

    private uint Id() => (uint)(_random.Next(50) == 0 ? _random.Next(-1, 1) : _random.Next(1, 40));

    private string Name() => _random.Next(100) == 0 ? new string('n', _random.Next(200, 5000)) : Names[_random.Next(Names.Length)];

    private ulong Length() => Lengths[_random.Next(Lengths.Length)];
}
