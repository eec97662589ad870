using System.Runtime.CompilerServices;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>The writer's side, without waiting.</content>
public sealed unsafe partial class ByteRing
{
    /// <summary>Writes all of the bytes, or none where there is no room for all. Drops the oldest where the ring is made so.</summary>
    /// <param name="data">The bytes. None is always written.</param>
    /// <returns>Whether they were written.</returns>
    /// <exception cref="MemToolsException">
    /// Completed; OverlappingUse; Misuse: the ring keeps records, or could never hold so much; Corrupted.
    /// </exception>
    public bool TryWrite(ReadOnlySpan<byte> data)
    {
        RingClaim claim = EnterWriter();
        RequireStream(claim, writing: true);
        // Copies, since after each volatile access the compiler loads fields anew.
        RingHeader* header = _header;
        ulong length = (uint)data.Length, capacity = _capacity;
        // A plain load: only writers store it, and whoever wrote last has left the side before.
        ulong at = header->ProducerIndex;
        // Both comparisons, since an index in shared memory may hold anything.
        if (length > capacity || at - claim.Other > capacity - length)
        {
            if (length > capacity && _dropsOldest)
                return WriteLastOf(claim, data, at);
            if (length > capacity)
                throw Leave(claim, writing: true, TooLong(data.Length));
            if (!MakeRoom(claim, at, length))
            {
                LeaveWriter(claim);
                return false;
            }
        }

        RequireOpen(claim, header);
        data.CopyTo(new Span<byte>(_data + (at & (capacity - 1)), data.Length));
        Publish(header, at + length);
        LeaveWriter(claim);
        return true;
    }

    /// <summary>Writes as many of the bytes as there is room for.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>How many were written, from the first on.</returns>
    /// <exception cref="MemToolsException">As <see cref="TryWrite(ReadOnlySpan{byte})"/>.</exception>
    public int WriteSome(ReadOnlySpan<byte> data)
    {
        if (_dropsOldest)
        {
            TryWrite(data);
            return data.Length;
        }

        RingClaim claim = EnterWriter();
        RequireStream(claim, writing: true);
        int length = PutSome(claim, data);
        LeaveWriter(claim);
        return length;
    }

    /// <summary>Writes one record, whole or not at all. Drops the oldest records where the ring is made so.</summary>
    /// <param name="record">Its bytes; there may be none.</param>
    /// <returns>Whether there was room for it.</returns>
    /// <exception cref="MemToolsException">
    /// Completed; RecordTooLarge: it is longer than <see cref="LongestRecord"/>; OverlappingUse; Misuse: the ring keeps no
    /// records; Corrupted.
    /// </exception>
    public bool TryWriteRecord(ReadOnlySpan<byte> record)
    {
        RingClaim claim = EnterWriter();
        RequireRecords(claim, writing: true);
        RingHeader* header = _header;
        ulong length = (uint)record.Length + (ulong)PrefixLength, capacity = _capacity;
        ulong at = header->ProducerIndex;
        if (length > capacity || at - claim.Other > capacity - length)
        {
            if (length > capacity)
                throw Leave(claim, writing: true, TooLong(record.Length));
            if (!MakeRoom(claim, at, length))
            {
                LeaveWriter(claim);
                return false;
            }
        }

        RequireOpen(claim, header);
        PutRecord(header, at, record);
        LeaveWriter(claim);
        return true;
    }

    /// <summary>
    /// Gives the free part of the ring to write into, so that nothing is copied; <see cref="Commit"/> makes what was written
    /// visible. In a ring that keeps records it becomes one record. The next write of any kind gives the span up.
    /// </summary>
    /// <param name="minimum">How many bytes it is to have at least, 1 or more. There may be more.</param>
    /// <param name="span">The free part; empty where there is no room for the minimum.</param>
    /// <returns>Whether there was room.</returns>
    /// <exception cref="MemToolsException">As <see cref="TryWrite(ReadOnlySpan{byte})"/> and <see cref="TryWriteRecord(ReadOnlySpan{byte})"/>.</exception>
    public bool TryReserve(int minimum, out Span<byte> span)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(minimum, 1);
        RingClaim claim = EnterWriterForSpan();
        RequireOpen(claim, _header);
        ulong prefix = _keepsRecords ? PrefixLength : 0UL;
        ulong at = _header->ProducerIndex;
        ulong needed = (uint)minimum + prefix;
        if (needed > _capacity)
            throw Leave(claim, writing: true, TooLong(minimum));
        if (at - claim.Other > _capacity - needed && !MakeRoom(claim, at, needed))
        {
            span = default;
            LeaveWriter(claim);
            return false;
        }

        int length = (int)Math.Min(_capacity - (at - claim.Other) - prefix, int.MaxValue);
        claim.Granted = length;
        LeaveWriter(claim, RingClaim.SpanOut);
        span = new Span<byte>(_data + (at & _mask) + prefix, length);
        return true;
    }

    /// <summary>Makes the first bytes of the span visible that <see cref="TryReserve"/> gave, and gives the rest back.</summary>
    /// <param name="count">
    /// How many bytes. 0 gives all back, in a ring that keeps records too: <see cref="TryWriteRecord(ReadOnlySpan{byte})"/> writes one without bytes.
    /// </param>
    /// <exception cref="MemToolsException">Misuse: this thread has no span, or it is shorter; Completed meanwhile.</exception>
    public void Commit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        RingClaim claim = _writer;
        if (!claim.IsMine || claim.State != RingClaim.SpanOut || count > claim.Granted)
            throw IsClosed ? Disposed() : NothingReserved(count);
        claim = EnterWriter();
        claim.Granted = 0;
        RequireOpen(claim, _header);
        ulong at = _header->ProducerIndex;
        if (count > 0 && _keepsRecords)
        {
            Unsafe.WriteUnaligned(_data + (at & _mask), (uint)count);
            PublishRecord(_header, at + (uint)count + PrefixLength);
        }
        else if (count > 0)
        {
            Publish(_header, at + (uint)count);
        }

        LeaveWriter(claim);
    }

    /// <summary>Writes as much as there is room for; the side is entered.</summary>
    private int PutSome(RingClaim claim, ReadOnlySpan<byte> data)
    {
        RequireOpen(claim, _header);
        ulong at = _header->ProducerIndex;
        ulong used = at - claim.Other;
        if (used > _capacity || _capacity - used < (uint)data.Length)
            used = LookForRoom(claim, at);
        int length = (int)Math.Min((uint)data.Length, _capacity - used);
        data[..length].CopyTo(new Span<byte>(_data + (at & _mask), length));
        Publish(_header, at + (uint)length);
        return length;
    }

    /// <summary>Writes a record for which there is room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PutRecord(RingHeader* header, ulong at, ReadOnlySpan<byte> record)
    {
        byte* place = _data + (at & _mask);
        Unsafe.WriteUnaligned(place, (uint)record.Length);
        record.CopyTo(new Span<byte>(place + PrefixLength, record.Length));
        PublishRecord(header, at + (uint)record.Length + PrefixLength);
    }

    /// <summary>Makes all before an index visible, and wakes a reader that waits for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Publish(RingHeader* header, ulong index)
    {
        // Release: who sees the index sees the bytes before it.
        Volatile.Write(ref header->ProducerIndex, index);
        // After the store, as the program has it. A processor may swap the two; the reader's own barrier, on all processors,
        // between saying that it waits and its last look at the index, makes up for that: see ByteRing.Sleeping.
        if (Volatile.Read(ref header->ConsumerWaits) != 0)
            WakeReader(index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PublishRecord(RingHeader* header, ulong index)
    {
        // Release, and before the index: who sees that the record is there finds it counted.
        Volatile.Write(ref header->RecordsWritten, header->RecordsWritten + 1);
        Publish(header, index);
    }

    /// <summary>Whether there is room now; drops the oldest to make some where the ring is made so.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MakeRoom(RingClaim claim, ulong at, ulong length)
    {
        ulong used = LookForRoom(claim, at);
        if (used <= _capacity - length)
            return true;
        if (!_dropsOldest)
            return false;
        DropOldest(claim, at, length);
        return true;
    }

    /// <summary>Looks anew how far the reader is; returns how much of the ring is taken.</summary>
    private ulong LookForRoom(RingClaim claim, ulong at)
    {
        // Acquire: the reader copied the bytes before it stored this index, so they may be overwritten after it was seen.
        // Where the oldest is dropped nobody is waited for: what may not be overwritten yet is the writer's own to say.
        ulong other = _dropsOldest ? _header->OldestIndex : Volatile.Read(ref _header->ConsumerIndex);
        ulong used = at - other;
        if (used > _capacity)
            throw Leave(claim, writing: true, Jumped(writer: at, reader: other));
        claim.Other = other;
        return used;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireOpen(RingClaim claim, RingHeader* header)
    {
        if (Volatile.Read(ref header->Completed) != 0)
            throw Leave(claim, writing: true, IsAtEnd());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireStream(RingClaim claim, bool writing)
    {
        if (_keepsRecords)
            throw Leave(claim, writing, KeepsRecords());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RequireRecords(RingClaim claim, bool writing)
    {
        if (!_keepsRecords)
            throw Leave(claim, writing, KeepsNoRecords());
    }

    /// <summary>Ends a call that fails; the exception is for the caller to throw.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private MemToolsException Leave(RingClaim claim, bool writing, MemToolsException failure)
    {
        if (writing)
            LeaveWriter(claim);
        else
            LeaveReader(claim);
        return failure;
    }

    private MemToolsException KeepsRecords() =>
        new(ErrorKind.Misuse, $"'{Name}' keeps records: use TryWriteRecord, TryReadRecord and their like.");

    private MemToolsException KeepsNoRecords() =>
        new(ErrorKind.Misuse, $"'{Name}' keeps no records: make it with Mode Record, or use TryWrite, TryRead and their like.");

    private MemToolsException IsAtEnd() =>
        new(ErrorKind.Completed, $"'{Name}' was completed: nothing more can be written to it.");

    private MemToolsException NothingReserved(int count) =>
        new(ErrorKind.Misuse, $"There is no span of '{Name}' of {count} bytes to commit: TryReserve gives one, and it lasts until the next write.");

    private MemToolsException TooLong(long length) => _keepsRecords
        ? new(ErrorKind.RecordTooLarge, $"A record of {length} bytes can never fit into '{Name}': the longest has {LongestPiece}. A larger -Capacity takes it.")
        : new(ErrorKind.Misuse, $"{length} bytes can never be in '{Name}' at once, which holds {_capacity}. Write, or WriteSome, passes them on in parts.");

    private MemToolsException Jumped(ulong writer, ulong reader) =>
        Corrupt($"the writer is at {writer} and the reader at {reader}");

    private MemToolsException Corrupt(string how) =>
        new(ErrorKind.Corrupted, $"The memory of '{Name}' is damaged: {how}, with {_capacity} bytes between them at most. Another process wrote what it must not; the ring cannot be used any more.");
}
