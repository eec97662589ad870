using System.Buffers.Binary;

namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>One direction of a relayed connection, cut into frames: somebody on the way who knows the protocol, and not the key.</summary>
internal sealed class RelayFrames(bool keyed, Func<RelayedFrame, byte[]?> change)
{
    private readonly List<byte> _waiting = [];
    private int _number;
    private int _payloadLeft;
    private long _payloadSeen;
    private RelayedFrame? _current;

    /// <summary>What goes on of what came: whole frames, and payloads as they come.</summary>
    internal byte[] Pass(ReadOnlySpan<byte> came)
    {
        _waiting.AddRange(came);
        List<byte> goes = [];
        while (TakePayload(goes) || TakeFrame(goes))
        {
        }

        return [.. goes];
    }

    private bool TakePayload(List<byte> goes)
    {
        int count = Math.Min(_payloadLeft, _waiting.Count);
        if (count == 0)
            return false;
        byte[] part = [.. _waiting[..count]];
        _waiting.RemoveRange(0, count);
        goes.AddRange(change(_current! with { IsPayload = true, Bytes = part, PayloadOffset = _payloadSeen }) ?? []);
        _payloadLeft -= count;
        _payloadSeen += count;
        return true;
    }

    private bool TakeFrame(List<byte> goes)
    {
        if (_payloadLeft > 0 || _waiting.Count < WireFrames.HeaderSize)
            return false;
        byte[] header = [.. _waiting[..WireFrames.HeaderSize]];
        bool isTagged = keyed && header[0] > WireFrames.Reject;
        int length = WireFrames.HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(header.AsSpan(2)) + (isTagged ? WireFrames.TagSize : 0);
        if (_waiting.Count < length)
            return false;
        _current = new(header[0], _number++, [.. _waiting[..length]]);
        _waiting.RemoveRange(0, length);
        _payloadLeft = (int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(4));
        _payloadSeen = 0;
        goes.AddRange(change(_current) ?? []);
        return true;
    }
}

/// <summary>A frame on its way, or a part of its payload.</summary>
internal sealed record RelayedFrame(byte Type, int Number, byte[] Bytes, bool IsPayload = false, long PayloadOffset = 0)
{
    /// <summary>The same with a bit turned over.</summary>
    internal byte[] Flipped(int at)
    {
        byte[] changed = [.. Bytes];
        changed[at] ^= 0x10;
        return changed;
    }
}
