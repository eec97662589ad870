using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>The reader's side, without waiting.</content>
public sealed unsafe partial class ByteRing
{
    /// <summary>Takes out as many bytes as there are, up to the length of the destination.</summary>
    /// <param name="destination">Where they go.</param>
    /// <returns>How many; 0 where there are none.</returns>
    /// <exception cref="MemToolsException">OverlappingUse; Misuse: the ring keeps records; Corrupted.</exception>
    public int TryRead(Span<byte> destination) => Take(destination, advance: true);

    /// <summary>Copies what <see cref="TryRead(Span{byte})"/> would take out, and leaves it there.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <returns>How many bytes; 0 where there are none.</returns>
    /// <exception cref="MemToolsException">As <see cref="TryRead(Span{byte})"/>.</exception>
    public int Peek(Span<byte> destination) => Take(destination, advance: false);

    /// <summary>Takes out one record.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="length">Its length; 0 where there is none, or it has none.</param>
    /// <returns>
    /// Whether a record was taken out. False with a length other than 0: there is one, but the destination is shorter.
    /// </returns>
    /// <exception cref="MemToolsException">OverlappingUse; Misuse: the ring keeps no records; Corrupted.</exception>
    public bool TryReadRecord(Span<byte> destination, out int length) => TakeRecord(destination, advance: true, out length);

    /// <summary>Copies what <see cref="TryReadRecord(Span{byte}, out int)"/> would take out, and leaves it there.</summary>
    /// <param name="destination">Where it goes.</param>
    /// <param name="length">As there.</param>
    /// <returns>As there.</returns>
    /// <exception cref="MemToolsException">As there.</exception>
    public bool PeekRecord(Span<byte> destination, out int length) => TakeRecord(destination, advance: false, out length);

    /// <summary>
    /// Gives all there is to read, without a copy. It stays in the ring until <see cref="Advance"/>, or another read, takes
    /// it out; the writer may overwrite it then.
    /// </summary>
    /// <param name="span">What there is; empty where there is nothing.</param>
    /// <returns>Whether there is anything.</returns>
    /// <exception cref="MemToolsException">
    /// As <see cref="TryRead(Span{byte})"/>; NotSupported: the ring drops the oldest, so that the writer waits for no reader.
    /// </exception>
    public bool TryPeek(out ReadOnlySpan<byte> span)
    {
        RingClaim claim = EnterReaderForSpan();
        RequireStream(claim, writing: false);
        RequireStanding(claim);
        ulong at = _header->ConsumerIndex;
        int length = (int)Math.Min(LookForData(claim, at), int.MaxValue);
        return Grant(claim, at, length, out span);
    }

    /// <summary>
    /// Gives the next record without a copy. It stays in the ring until <see cref="AdvanceRecord"/>, or another read, takes
    /// it out; the writer may overwrite it then.
    /// </summary>
    /// <param name="record">Its bytes.</param>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="MemToolsException">As <see cref="TryPeek"/> and <see cref="TryReadRecord(Span{byte}, out int)"/>.</exception>
    public bool TryPeekRecord(out ReadOnlySpan<byte> record)
    {
        RingClaim claim = EnterReaderForSpan();
        RequireRecords(claim, writing: false);
        RequireStanding(claim);
        ulong at = _header->ConsumerIndex;
        int length = RecordAt(claim, at);
        if (length >= 0)
            return Grant(claim, at + PrefixLength, length, out record) || length == 0;
        record = default;
        LeaveReader(claim);
        return false;
    }

    /// <summary>Takes out the first bytes of what <see cref="TryPeek"/> gave.</summary>
    /// <param name="count">How many; 0 only gives the span back.</param>
    /// <exception cref="MemToolsException">Misuse: there are not that many; and as <see cref="TryRead(Span{byte})"/>.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RingClaim claim = EnterReader();
        claim.Granted = 0;
        RequireStream(claim, writing: false);
        RequireStanding(claim);
        ulong at = _header->ConsumerIndex;
        ulong available = LookForData(claim, at);
        if ((uint)count > available)
            throw Leave(claim, writing: false, new MemToolsException(ErrorKind.Misuse, $"'{Name}' has {available} bytes to take out, not {count}."));
        Release(_header, at + (uint)count);
        LeaveReader(claim);
    }

    /// <summary>Takes out the record that <see cref="TryPeekRecord"/> gave, or else the next one.</summary>
    /// <exception cref="MemToolsException">Misuse: there is no record; and as <see cref="TryPeekRecord"/>.</exception>
    public void AdvanceRecord()
    {
        RingClaim claim = EnterReader();
        claim.Granted = 0;
        RequireRecords(claim, writing: false);
        RequireStanding(claim);
        ulong at = _header->ConsumerIndex;
        int length = RecordAt(claim, at);
        if (length < 0)
            throw Leave(claim, writing: false, new MemToolsException(ErrorKind.Misuse, $"'{Name}' has no record to take out."));
        ReleaseRecord(_header, at + PrefixLength + (uint)length);
        LeaveReader(claim);
    }

    /// <summary>
    /// Throws away what is there to read. It is a read: only the reader's side may call it, for only that side knows that no
    /// byte of it is being looked at. What is thrown away counts as read.
    /// </summary>
    /// <exception cref="MemToolsException">OverlappingUse: another thread reads at this moment; Corrupted.</exception>
    public override void Clear()
    {
        RingClaim claim = EnterReader();
        claim.Granted = 0;
        // Acquire: as a read. What comes after this look stays.
        ulong end = Volatile.Read(ref _header->ProducerIndex);
        if (_dropsOldest)
            SkipTo(claim, end);
        else if (!_keepsRecords)
            ClearStream(claim, end);
        else
            ClearRecords(claim, end);
        LeaveReader(claim);
    }

    private int Take(Span<byte> destination, bool advance)
    {
        RingClaim claim = EnterReader();
        RequireStream(claim, writing: false);
        if (_dropsOldest)
            return TakeStanding(claim, destination, advance);
        RingHeader* header = _header;
        // A plain load: only readers store it, and whoever read last has left the side before.
        ulong at = header->ConsumerIndex;
        ulong available = claim.Other - at;
        if (available < (uint)destination.Length || available > _capacity)
            available = LookForData(claim, at);
        int length = (int)Math.Min((uint)destination.Length, available);
        new ReadOnlySpan<byte>(_data + (at & _mask), length).CopyTo(destination);
        if (advance)
            Release(header, at + (uint)length);
        LeaveReader(claim);
        return length;
    }

    private bool TakeRecord(Span<byte> destination, bool advance, out int length)
    {
        RingClaim claim = EnterReader();
        RequireRecords(claim, writing: false);
        if (_dropsOldest)
            return TakeStandingRecord(claim, destination, advance, out length);
        RingHeader* header = _header;
        ulong at = header->ConsumerIndex;
        int found = RecordAt(claim, at);
        length = Math.Max(found, 0);
        bool fits = found >= 0 && found <= destination.Length;
        if (fits)
        {
            new ReadOnlySpan<byte>(_data + ((at + PrefixLength) & _mask), found).CopyTo(destination);
            if (advance)
                ReleaseRecord(header, at + PrefixLength + (uint)found);
        }

        LeaveReader(claim);
        return fits;
    }

    /// <summary>The length of the record at an index, read and checked once; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int RecordAt(RingClaim claim, ulong at)
    {
        ulong available = claim.Other - at;
        if (available is 0 || available > _capacity)
        {
            available = LookForData(claim, at);
            if (available == 0)
                return -1;
        }

        // Even where fewer than four bytes are there, these four lie in the mapping.
        uint length = Unsafe.ReadUnaligned<uint>(_data + (at & _mask));
        RequireRecord(claim, at, length, available);
        return (int)length;
    }

    /// <summary>A length that was read from memory that others may write, once, must fit what is there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireRecord(RingClaim claim, ulong at, uint length, ulong available)
    {
        if (length + (ulong)PrefixLength > available || length > int.MaxValue)
            throw Leave(claim, writing: false, Lies(at, length, available));
    }

    private MemToolsException Lies(ulong at, uint length, ulong available) =>
        Corrupt($"a record at {at} claims {length} bytes where {available} are with its prefix");

    /// <summary>Looks anew how far the writer is; returns how much there is to read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong LookForData(RingClaim claim, ulong at)
    {
        // Acquire: the bytes are loaded after the index that says they are there.
        ulong other = Volatile.Read(ref _header->ProducerIndex);
        ulong available = other - at;
        if (available > _capacity)
            throw Leave(claim, writing: false, Jumped(writer: other, reader: at));
        claim.Other = other;
        return available;
    }

    /// <summary>Gives all before an index back to the writer, and wakes it where it waits for room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Release(RingHeader* header, ulong index)
    {
        // Release: the bytes were loaded before the writer can see that it may overwrite them.
        Volatile.Write(ref header->ConsumerIndex, index);
        // As in Publish.
        if (Volatile.Read(ref header->ProducerWaits) != 0)
            WakeWriter(index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ReleaseRecord(RingHeader* header, ulong index)
    {
        Volatile.Write(ref header->RecordsRead, header->RecordsRead + 1);
        Release(header, index);
    }

    private bool Grant(RingClaim claim, ulong at, int length, out ReadOnlySpan<byte> span)
    {
        claim.Granted = length;
        LeaveReader(claim, length == 0 ? RingClaim.Idle : RingClaim.SpanOut);
        span = new ReadOnlySpan<byte>(_data + (at & _mask), length);
        return length > 0;
    }

    /// <summary>A span of what the writer may overwrite at any moment would be of no use.</summary>
    private void RequireStanding(RingClaim claim)
    {
        if (_dropsOldest)
            throw Leave(claim, writing: false, new MemToolsException(ErrorKind.NotSupported, $"'{Name}' drops the oldest while it is looked at: Peek, PeekRecord, TryRead and TryReadRecord copy, and notice."));
    }

    private void ClearStream(RingClaim claim, ulong end)
    {
        if (end - _header->ConsumerIndex > _capacity)
            throw Leave(claim, writing: false, Jumped(writer: end, reader: _header->ConsumerIndex));
        Release(_header, end);
    }

    private void ClearRecords(RingClaim claim, ulong end)
    {
        while (_header->ConsumerIndex is ulong at && (long)(end - at) > 0 && RecordAt(claim, at) is int length and >= 0)
            ReleaseRecord(_header, at + PrefixLength + (uint)length);
    }
}
