using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <content>
/// From and to descriptors: read(2) straight into the ring's memory and write(2) straight out of it. Nothing in between,
/// but where the ring drops the oldest: there the writer may overwrite what write(2) is about to take, so that it is copied
/// and looked at first.
/// </content>
public sealed unsafe partial class ByteRing
{
    /// <summary>At most so much in one call: a stop is seen after each, and larger ones are no faster.</summary>
    private const long LargestPiece = 1024 * 1024;

    /// <summary>The longest datagram of UDP and more than any other read is likely to bring, in a ring that keeps records.</summary>
    private const int RecordRoom = 64 * 1024;

    /// <summary>Where less than that is free: the longest line of a terminal, and what a pipe takes and gives whole (PIPE_BUF).</summary>
    private const long LeastRecordRoom = 4096;

    /// <summary>How long a wait for a descriptor lasts at most, before it is looked whether to go on.</summary>
    private static readonly TimeSpan PollTurn = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Reads from a descriptor into the ring until its end. In a ring that keeps records each read becomes one: a datagram,
    /// a line of a terminal, or whatever else one read(2) brings. The descriptor is read where it stands, and moves on.
    /// </summary>
    /// <param name="source">A file, pipe, socket or device.</param>
    /// <param name="count">How many bytes at most; long.MaxValue for all.</param>
    /// <param name="timeout">How long at most; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends it within a quarter of a second; what was read is in the ring.</param>
    /// <exception cref="MemToolsException">
    /// Full: the ring was made to say so; Completed; RecordTooLarge: a datagram was longer than the ring's records can be,
    /// and is lost; OverlappingUse; Corrupted.
    /// </exception>
    /// <exception cref="SystemCallException">The source failed.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RingTransferResult FillFrom(SafeHandle source, long count, TimeSpan timeout, CancellationToken stop = default)
    {
        using RingEndpoint endpoint = RingEndpoint.Open(source);
        RingFlow flow = new(endpoint, count, timeout, stop);
        RingClaim claim = EnterWriter();
        try
        {
            while (flow.GoesOn)
            {
                RequireSense(stop);
                RequireOpen(claim, _header);
                long room = RoomToFill(claim, flow);
                if (room > 0)
                    FillOnce(flow, room);
            }
        }
        finally
        {
            LeaveWriter(claim);
        }

        return flow.Result(Name, _keepsRecords);
    }

    /// <summary>
    /// Writes what is in the ring to a descriptor, and what comes, until the ring is completed and empty. Of a ring that
    /// keeps records each record is one write(2), or more where the descriptor takes it in parts only; one that was written in
    /// part when it was stopped stays in the ring.
    /// </summary>
    /// <param name="destination">A file, pipe, socket or device.</param>
    /// <param name="count">How many bytes at most; long.MaxValue for all. Records are written whole, so there may be more.</param>
    /// <param name="timeout">How long at most; TimeSpan.Zero for what is there now, Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends it within a quarter of a second; what was not written is still in the ring.</param>
    /// <exception cref="MemToolsException">OverlappingUse; Corrupted.</exception>
    /// <exception cref="SystemCallException">The destination failed: EPIPE where nobody reads it any more.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RingTransferResult DrainTo(SafeHandle destination, long count, TimeSpan timeout, CancellationToken stop = default)
    {
        using RingEndpoint endpoint = RingEndpoint.Open(destination);
        RingFlow flow = new(endpoint, count, timeout, stop);
        RingClaim claim = EnterReader();
        try
        {
            string nothingYet = timeout == TimeSpan.Zero ? RingFlow.Emptied : RingFlow.TimedOut;
            ulong end = Volatile.Read(ref _header->ProducerIndex);
            while (flow.GoesOn)
            {
                RequireSense(stop);
                if (!AwaitData(claim, flow.Deadline, moreThan: 0, out RingReadiness readiness))
                    flow.Status = readiness == RingReadiness.Completed ? RingFlow.EndOfData : nothingYet;
                else if (timeout == TimeSpan.Zero && (long)(end - _header->ConsumerIndex) <= 0)
                    flow.Status = nothingYet;
                else
                    DrainOnce(claim, flow);
            }
        }
        finally
        {
            LeaveReader(claim);
        }

        return flow.Result(Name, _keepsRecords);
    }

    /// <summary>How many bytes a read may bring now; 0 after having waited for room, or for data worth dropping others for.</summary>
    private long RoomToFill(RingClaim claim, RingFlow flow)
    {
        ulong prefix = _keepsRecords ? PrefixLength : 0UL;
        ulong wanted = _keepsRecords ? Math.Min(RecordRoom, (ulong)LongestPiece) + prefix : 1;
        ulong at = _header->ProducerIndex;
        ulong free = _capacity - LookForRoom(claim, at);
        if (free < wanted && _keepsRecords && !_dropsOldest)
        {
            // Asked only here, since it may take a call.
            long next = flow.Endpoint.NextMessage(LeastRecordRoom);
            if (next < 0)
            {
                WaitFor(flow, toWrite: false);
                return 0;
            }

            // An empty message, or the end, is read too: into one byte, so that the read is made at all.
            wanted = (ulong)Math.Clamp(next, 1, LongestPiece) + prefix;
        }

        if (free >= wanted)
            return (long)(free - prefix);
        if (_whenFull == RingFullAction.Error)
            throw Leave(claim, writing: true, Filled(flow));
        if (_whenFull == RingFullAction.Wait)
        {
            // As in TryWrite: half the ring is worth being woken for.
            ulong needed = _keepsRecords ? wanted : Math.Min((ulong)flow.Left, _capacity / 2);
            if (!SleepUntilRead(at + needed - _capacity, anything: !_keepsRecords, flow.Deadline))
                flow.Status = RingFlow.TimedOut;
            return 0;
        }

        // Nothing is dropped before there is something to take its place.
        if (!flow.Endpoint.IsReadable())
        {
            WaitFor(flow, toWrite: false);
            return 0;
        }

        wanted = Math.Max(wanted, Math.Min(RecordRoom, _capacity / 4));
        DropOldest(claim, at, wanted);
        return (long)(wanted - prefix);
    }

    private void FillOnce(RingFlow flow, long room)
    {
        ulong at = _header->ProducerIndex;
        byte* place = _data + (at & _mask) + (_keepsRecords ? PrefixLength : 0);
        long piece = Math.Min(room, LargestPiece);
        if (!flow.Endpoint.KeepsMessages)
            piece = Math.Min(piece, flow.Left);
        long read = flow.Endpoint.Read(place, piece);
        if (KernelResult.ErrnoOf(read) == Errno.EAGAIN)
            WaitFor(flow, toWrite: false);
        else if (read < 0)
            throw flow.Endpoint.Failure(writing: false, read);
        else if (read > piece)
            throw new MemToolsException(ErrorKind.RecordTooLarge, $"A datagram of {read} bytes was lost: '{Name}' had room for {piece}. A larger -Capacity takes it.");
        else if (read == 0 && flow.Endpoint.EndsWithNothing())
            flow.Status = RingFlow.EndOfData;
        else
            PublishRead(flow, at, read);
    }

    private void PublishRead(RingFlow flow, ulong at, long read)
    {
        flow.Bytes += read;
        if (!_keepsRecords)
        {
            Publish(_header, at + (ulong)read);
            return;
        }

        flow.Records++;
        Unsafe.WriteUnaligned(_data + (at & _mask), (uint)read);
        PublishRecord(_header, at + PrefixLength + (ulong)read);
    }

    private void DrainOnce(RingClaim claim, RingFlow flow)
    {
        if (_dropsOldest && _keepsRecords)
            DrainStandingRecord(claim, flow);
        else if (_dropsOldest)
            DrainStanding(claim, flow);
        else if (_keepsRecords)
            DrainRecord(claim, flow);
        else
            DrainStream(claim, flow);
    }

    private void DrainStream(RingClaim claim, RingFlow flow)
    {
        ulong at = _header->ConsumerIndex;
        long piece = Math.Min(Math.Min((long)(claim.Other - at), LargestPiece), flow.Left);
        if (WritePart(flow, _data + (at & _mask), piece) is long written and > 0)
            Release(_header, at + (ulong)written);
    }

    private void DrainRecord(RingClaim claim, RingFlow flow)
    {
        ulong at = _header->ConsumerIndex;
        int length = RecordAt(claim, at);
        if (!WriteWhole(flow, _data + ((at + PrefixLength) & _mask), length))
            return;
        flow.Records++;
        ReleaseRecord(_header, at + PrefixLength + (uint)length);
    }

    private void DrainStanding(RingClaim claim, RingFlow flow)
    {
        byte[] copy = flow.Copy(RecordRoom);
        int most = (int)Math.Min(copy.Length, flow.Left);
        int length = CopyStanding(claim, copy.AsSpan(0, most), out ulong at);
        fixed (byte* bytes = copy)
        {
            if (WritePart(flow, bytes, length) is long written and > 0)
                Release(_header, at + (ulong)written);
        }
    }

    private void DrainStandingRecord(RingClaim claim, RingFlow flow)
    {
        ulong at = Begin(claim, out ulong available);
        uint length = available < PrefixLength ? 0 : Unsafe.ReadUnaligned<uint>(_data + (at & _mask));
        if (IsOvertaken(at) || available == 0)
            return;
        RequireRecord(claim, at, length, available);
        byte[] copy = flow.Copy((int)length);
        new ReadOnlySpan<byte>(_data + ((at + PrefixLength) & _mask), (int)length).CopyTo(copy);
        if (IsOvertaken(at))
            return;
        fixed (byte* bytes = copy)
        {
            if (!WriteWhole(flow, bytes, length))
                return;
        }

        flow.Records++;
        ReleaseRecord(_header, at + PrefixLength + length);
    }

    /// <summary>All of a record, in as many parts as the descriptor takes it in. False when the time ran out before that.</summary>
    private bool WriteWhole(RingFlow flow, byte* bytes, long length)
    {
        long done = 0;
        // A message without bytes is one too, where messages are kept apart.
        bool isMessage = length == 0 && flow.Endpoint.KeepsMessages;
        while (done < length || isMessage)
        {
            long written = WritePart(flow, bytes + done, length - done);
            if (written < 0 && flow.Status is not null)
                return false;
            done += Math.Max(written, 0);
            isMessage &= written < 0;
        }

        return true;
    }

    /// <summary>As much as the descriptor takes; -1 after having waited because it took nothing.</summary>
    private long WritePart(RingFlow flow, byte* bytes, long length)
    {
        long written = flow.Endpoint.Write(bytes, length);
        if (KernelResult.ErrnoOf(written) == Errno.EAGAIN)
        {
            WaitFor(flow, toWrite: true);
            return -1;
        }

        if (written < 0)
            throw flow.Endpoint.Failure(writing: true, written);
        flow.Bytes += written;
        return written;
    }

    private MemToolsException Filled(RingFlow flow) =>
        new(ErrorKind.Full, $"'{Name}' is full, and was made with WhenFull Error. {flow.Bytes} bytes were read into it; the rest is still in the source.");

    private void WaitFor(RingFlow flow, bool toWrite)
    {
        RequireSense(flow.Deadline.Stop);
        TimeSpan time = flow.Deadline.Next(PollTurn);
        if (time <= TimeSpan.Zero)
            flow.Status = RingFlow.TimedOut;
        else
            flow.Endpoint.Wait(toWrite, time);
    }
}
