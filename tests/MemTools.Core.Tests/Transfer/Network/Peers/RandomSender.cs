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
    private long _doubtful;

    internal long Before => Interlocked.Read(ref _before);

    internal long After => Interlocked.Read(ref _after);

    /// <summary>Those that the receiver took, for certain.</summary>
    internal long Total => Before + After;

    /// <summary>Those behind one for which the receiver may have ended the connection: it may never have looked at them.</summary>
    internal long Doubtful => Interlocked.Read(ref _doubtful);

    internal void Sent(string what, bool authenticated)
    {
        _sent.AddOrUpdate(what, 1, (_, count) => count + 1);
        Interlocked.Increment(ref (authenticated ? ref _after : ref _before));
    }

    internal void SentInDoubt() => Interlocked.Increment(ref _doubtful);

    internal long Of(string what) => _sent.GetValueOrDefault(what);

    internal void Answered(string what) => _answered.AddOrUpdate(what, 1, (_, count) => count + 1);

    internal long AnsweredWith(string prefix) => _answered.Where(one => one.Key.StartsWith(prefix, StringComparison.Ordinal)).Sum(one => one.Value);

    public override string ToString() =>
        $"{Before} messages before and {After} after the handshake that were looked at, {Doubtful} that perhaps were\nsent: {List(_sent)}\nanswered: {List(_answered)}";

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
        "a", "b", "c", "d/e", "d/f/g", "..", "../out", "/out", "d/../../out", ".", "d//e", "a\0b", ".a.memtools-0123456789ab", "l", "l/x", "\u001b[2J",
        "line\nbreak", "\u202Ex", "d", "\uFFFF", "-rf", " ",
    ];

    private static readonly string[] Targets = ["a", "d/e", "..", "../..", "/etc/passwd", "./a", "d/../..", "a\0b", "l", "../out"];

    private readonly Random _random = new(seed);
    private readonly byte[] _session = RandomNumberGenerator.GetBytes(16);
    private readonly List<byte> _gathered = [];

    /// <summary>Offers that were not ended: to say something else by their ids breaks the protocol.</summary>
    private readonly HashSet<uint> _open = [];

    /// <summary>Whether what is being made may be what a receiver ends the connection for.</summary>
    private bool _isOdd;

    /// <summary>Whether the receiver may have ended the connection already.</summary>
    private bool _isInDoubt;

    /// <summary>A connection that never gets through the handshake.</summary>
    internal void TryHandshake()
    {
        using WirePeer peer = WirePeer.Connect(target);
        try
        {
            byte lowest = (byte)(_random.Next(8) == 0 ? 2 : 1);
            byte[] right = WireFrames.Make(WireFrames.Hello, WireFrames.HelloBody(_random.Next(4) > 0, lowest: lowest, highest: lowest));
            byte[] hello = _random.Next(4) == 0 ? Mutate(right) : right;
            SendBare(peer, hello, "hello");
            bool isEarly = _random.Next(8) == 0;
            if (isEarly)
                SendBare(peer, Any(peer), "frame before its time");
            if (isEarly || !ReferenceEquals(hello, right))
            {
                // Else the receiver would wait for the rest of it, as it should.
                ReadRefusal(peer);
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
            SendBare(peer, Mutate(proof), "proof");
            ReadRefusal(peer);
        }
        catch (System.Net.Sockets.SocketException)
        {
            counts.Answered("broken off");
        }
    }

    /// <summary>A connection of somebody with the key who does not keep to the protocol.</summary>
    internal void Talk()
    {
        using WirePeer peer = WirePeer.Authenticated(target, key, _session);
        try
        {
            int messages = _random.Next(20, _random.Next(2) == 0 ? 100 : 800);
            for (int i = 0; i < messages && !(_isInDoubt && _random.Next(3) == 0); i++)
            {
                Say(peer);
                if (_gathered.Count > 30_000 || _random.Next(20) == 0)
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
                NoteSession(frame);
        }
    }

    /// <summary>Sends, and reads what has been answered, so that the way back never fills.</summary>
    private void Flush(WirePeer peer)
    {
        byte[] bytes = [.. _gathered];
        _gathered.Clear();
        peer.Send(bytes);
        while (peer.Socket.Available > 0 && peer.Read() is { } frame)
            NoteSession(frame);
    }

    private void ReadRest(WirePeer peer)
    {
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        while (peer.Read() is { } frame)
            NoteSession(frame);
        counts.Answered("end");
    }

    /// <summary>Whoever keeps to the protocol is not sent away, whatever is refused: so what was counted was looked at.</summary>
    private void NoteSession(WireFrame frame)
    {
        Note(frame);
        Assert.True(frame.Type != WireFrames.Stop || _isInDoubt, $"Sent away for nothing: {Encoding.UTF8.GetString(frame.Body)}");
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
                Put(peer, WireFrames.Link, Entry(WireEntry.Link(Id(), Name(), Target())), "link");
                break;
            case 7:
                Put(peer, WireFrames.Alive, [], "alive");
                break;
            case 8:
                Put(peer, WireFrames.Begin, WireFrames.RangeBody(Id(), Offset(0)), "begin");
                break;
            case 9:
                Put(peer, WireFrames.End, WireFrames.EndBody(Id(), Outcome(), Offset(5), Offset(5), null), "end");
                break;
            case 10:
                PutData(peer, Id(), Offset(0), _random.Next(1, 3000));
                break;
            default:
                if (_random.Next(40) == 0)
                {
                    _isOdd = true;
                    Gather(Any(peer), "frame out of place");
                }
                else
                {
                    Put(peer, WireFrames.Alive, [], "alive");
                }

                break;
        }
    }

    private void SayInline(WirePeer peer)
    {
        byte[] content = new byte[_random.Next(100) == 0 ? _random.Next(300_000) : _random.Next(2000)];
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
        ushort outcome = _random.Next(3) == 0 ? Outcome() : (ushort)0;
        byte[]? digest = (entry.Flags & WireEntry.Hashed) != 0 && outcome == 0 ? SHA256.HashData(content) : null;
        Put(peer, WireFrames.End, Body(WireFrames.EndBody(entry.Id, outcome, entry.Length, entry.Length, digest)), "end of inline");
    }

    private void SayRanged(WirePeer peer)
    {
        uint id = Id();
        ulong length = (ulong)_random.Next(1, 200_000);
        bool isSparse = _random.Next(20) == 0;
        if (isSparse)
            length = Math.Min(Length(), 1UL << 43);
        WireEntry offer = WireEntry.Offer(id, Name(), length);
        bool hashed = !isSparse && _random.Next(2) == 0;
        offer.Flags = hashed ? WireEntry.Hashed : (ushort)0;
        Decorate(offer);
        Put(peer, WireFrames.File, Entry(offer), "offer");
        _open.Add(id);
        _isOdd |= _random.Next(100) == 0;
        if (!_isOdd)
            Put(peer, WireFrames.Begin, WireFrames.RangeBody(id, Offset(0)), "begin of offer");
        ulong sent = 0;
        for (int range = _random.Next(4); range > 0; range--)
        {
            int size = (int)Math.Min(length - Math.Min(sent, length), (ulong)_random.Next(1, 8000));
            if (size == 0)
                break;
            PutData(peer, id, Offset(sent), size);
            sent += (ulong)size;
        }

        if (_random.Next(100) == 0)
            return;
        ushort outcome = _random.Next(4) == 0 ? Outcome() : (ushort)0;
        Put(peer, WireFrames.End, Body(WireFrames.EndBody(id, outcome, sent, length, hashed ? DigestOfZeros(length) : null)), "end of offer");
        _open.Remove(id);
    }

    private byte[] DigestOfZeros(ulong length) => _random.Next(2) == 0 ? SHA256.HashData(new byte[length]) : new byte[32];

    private void Decorate(WireEntry entry)
    {
        if (_random.Next(3) == 0)
        {
            entry.Flags |= WireEntry.HasMode;
            entry.Mode = (ushort)_random.Next(IsOdd(200) ? 0x1_0000 : 0x200);
        }

        if (_random.Next(3) == 0)
        {
            entry.Flags |= WireEntry.HasTimes;
            entry.ModifySeconds = _random.Next(4) == 0 ? _random.NextInt64(long.MinValue, long.MaxValue) : _random.Next();
            entry.ModifyNanoseconds = (uint)_random.Next(IsOdd(200) ? int.MaxValue : 1_000_000_000);
        }

        if (_random.Next(5) == 0)
            entry.Attributes.Add((Encoding.UTF8.GetBytes(IsOdd(30) ? "security.x" : "user.x"), new byte[_random.Next(300)]));
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
        if (!IsOdd(150))
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

    private byte[] Mutate(byte[] frame) => _random.Next(5) switch
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
        uint length = IsOdd(1500) ? (uint)Length() : (uint)(payload?.Length ?? 0);
        Gather(peer.Frame(type, body, length), what);
        if (payload is not null)
            _gathered.AddRange(payload);
    }

    private void Gather(byte[] frame, string what)
    {
        _gathered.AddRange(frame);
        if (_isInDoubt)
            counts.SentInDoubt();
        else
            counts.Sent(what, authenticated: true);
        _isInDoubt |= _isOdd;
        _isOdd = false;
    }

    private void ReadRefusal(WirePeer peer)
    {
        peer.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        while (peer.Read() is { } frame)
            Note(frame);
        counts.Answered("end");
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

    /// <summary>Once in so many times what breaks the protocol.</summary>
    private bool IsOdd(int once)
    {
        bool odd = _random.Next(once) == 0;
        _isOdd |= odd;
        return odd;
    }

    private uint Id()
    {
        uint id = (uint)(IsOdd(400) ? _random.Next(-1, 1) : _random.Next(1, 40));
        if (!_open.Contains(id) || IsOdd(4))
            return id;
        return (uint)_random.Next(1000, int.MaxValue);
    }

    private ulong Offset(ulong right) => IsOdd(150) ? Length() : right;

    private ushort Outcome() => (ushort)_random.Next(IsOdd(50) ? 7 : 6);

    private string Target() => IsOdd(100) ? string.Empty : Targets[_random.Next(Targets.Length)];

    private string Name()
    {
        if (IsOdd(200))
            return _random.Next(2) == 0 ? string.Empty : new string('n', _random.Next(200, 5000));
        return _random.Next(50) == 0 ? new string('n', _random.Next(200, 4000)) : Names[_random.Next(Names.Length)];
    }

    private ulong Length() => Lengths[_random.Next(Lengths.Length)];
}
