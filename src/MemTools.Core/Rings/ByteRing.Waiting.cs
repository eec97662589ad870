using MemTools.Kernel;

namespace MemTools.Rings;

/// <content>The calls that wait for the other side, and the end of the data.</content>
/// <remarks>
/// A call that waits is inside its side all that time: another thread's write does not get between the parts of a long one.
/// </remarks>
public sealed unsafe partial class ByteRing
{
    /// <summary>Writes all of the bytes, in parts as room becomes free. Nothing waits in a ring that drops the oldest.</summary>
    /// <param name="data">The bytes; there may be more than the capacity.</param>
    /// <param name="timeout">How long to wait in all; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <param name="written">How many bytes were written, valid after an exception too.</param>
    /// <returns>Whether all were written; false when the time ran out.</returns>
    /// <exception cref="MemToolsException">
    /// Full: the ring was made to say so; nothing was written. Else as <see cref="TryWrite(ReadOnlySpan{byte})"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public bool TryWrite(ReadOnlySpan<byte> data, TimeSpan timeout, CancellationToken stop, out int written)
    {
        written = 0;
        RingDeadline deadline = new(timeout, stop);
        if (_whenFull != RingFullAction.Wait)
        {
            if (!(_dropsOldest || data.Length <= (long)_capacity) || !TryWrite(data))
                throw Full(data.Length);
            written = data.Length;
            return true;
        }

        RingClaim claim = EnterWriter();
        try
        {
            RequireStream(claim, writing: true);
            while (true)
            {
                written += PutSome(claim, data[written..]);
                if (written == data.Length)
                    return true;
                RequireSense(stop);
                // Not for every byte that becomes free: half the ring is worth being woken for.
                ulong room = Math.Min((ulong)(data.Length - written), _capacity / 2);
                if (!SleepUntilRead(_header->ProducerIndex + room - _capacity, anything: true, deadline))
                    return false;
            }
        }
        finally
        {
            LeaveWriter(claim);
        }
    }

    /// <summary>Writes all of the bytes, in parts as room becomes free.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="stop">Ends the wait within a quarter of a second; part of the data may have been written.</param>
    /// <exception cref="MemToolsException">As the other overload.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void Write(ReadOnlySpan<byte> data, CancellationToken stop = default) =>
        TryWrite(data, Timeout.InfiniteTimeSpan, stop, out _);

    /// <summary>Writes one record, and waits for room where there is none.</summary>
    /// <param name="record">Its bytes; there may be none.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Whether it was written; false when the time ran out.</returns>
    /// <exception cref="MemToolsException">
    /// Full: the ring was made to say so; nothing was written. Else as <see cref="TryWriteRecord(ReadOnlySpan{byte})"/>.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public bool TryWriteRecord(ReadOnlySpan<byte> record, TimeSpan timeout, CancellationToken stop = default)
    {
        RingDeadline deadline = new(timeout, stop);
        if (TryWriteRecord(record))
            return true;
        if (_whenFull == RingFullAction.Error)
            throw Full(record.Length);
        ulong length = (uint)record.Length + (ulong)PrefixLength;
        RingClaim claim = EnterWriter();
        try
        {
            while (!TryPutRecord(claim, record, length))
            {
                if (!SleepUntilRead(_header->ProducerIndex + length - _capacity, anything: false, deadline))
                    return false;
            }

            return true;
        }
        finally
        {
            LeaveWriter(claim);
        }
    }

    /// <summary>Writes one record, and waits for room where there is none.</summary>
    /// <param name="record">Its bytes.</param>
    /// <param name="stop">Ends the wait within a quarter of a second; nothing was written then.</param>
    /// <exception cref="MemToolsException">As the other overload.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public void WriteRecord(ReadOnlySpan<byte> record, CancellationToken stop = default) =>
        TryWriteRecord(record, Timeout.InfiniteTimeSpan, stop);

    /// <summary>Takes out as many bytes as there are, and waits for one at least.</summary>
    /// <param name="destination">Where they go; not empty.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>How many; 0 when the ring was completed and is empty.</returns>
    /// <exception cref="MemToolsException">TimedOut; else as <see cref="TryRead(Span{byte})"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public int Read(Span<byte> destination, TimeSpan timeout, CancellationToken stop = default)
    {
        if (destination.IsEmpty)
            throw new ArgumentException("There must be room for one byte at least.", nameof(destination));
        RingDeadline deadline = new(timeout, stop);
        while (true)
        {
            if (TryRead(destination) is int read and > 0)
                return read;
            if (!AwaitData(deadline, moreThan: 0, out RingReadiness readiness))
                return readiness == RingReadiness.Completed ? 0 : throw TooLate("Nothing was written to");
        }
    }

    /// <summary>Takes out one record, and waits for it.</summary>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>The record; null when the ring was completed and is empty.</returns>
    /// <exception cref="MemToolsException">TimedOut; else as <see cref="TryReadRecord()"/>.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public byte[]? ReadRecord(TimeSpan timeout, CancellationToken stop = default)
    {
        RingDeadline deadline = new(timeout, stop);
        while (true)
        {
            if (TryReadRecord() is { } record)
                return record;
            if (!AwaitData(deadline, moreThan: 0, out RingReadiness readiness))
                return readiness == RingReadiness.Completed ? null : throw TooLate("No record was written to");
        }
    }

    /// <summary>Waits until there is something to read, and leaves it there.</summary>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more will come; TimedOut.</returns>
    /// <exception cref="MemToolsException">OverlappingUse; Corrupted.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RingReadiness WaitToRead(TimeSpan timeout, CancellationToken stop = default) => WaitToRead(moreThan: 0, timeout, stop);

    /// <summary>Waits until there is more to read than was looked at, and leaves it there.</summary>
    /// <param name="moreThan">How many bytes do not count: below the capacity, and 0 for a ring that keeps records.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more will come; TimedOut.</returns>
    /// <exception cref="MemToolsException">OverlappingUse; Corrupted; Misuse: there can never be so much.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RingReadiness WaitToRead(long moreThan, TimeSpan timeout, CancellationToken stop = default)
    {
        if (moreThan < 0 || moreThan >= Capacity || (moreThan > 0 && _keepsRecords))
            throw new MemToolsException(ErrorKind.Misuse, $"Waiting for more than {moreThan} bytes makes no sense with '{Name}': {(_keepsRecords ? "it keeps records, and the next is waited for" : $"it holds {Capacity}")}.");
        AwaitData(new(timeout, stop), (ulong)moreThan, out RingReadiness readiness);
        return readiness;
    }

    /// <summary>Waits until there is room. A ring that drops the oldest always has.</summary>
    /// <param name="length">For so many bytes, or a record of so many.</param>
    /// <param name="timeout">How long to wait; Timeout.InfiniteTimeSpan for ever.</param>
    /// <param name="stop">Ends the wait within a quarter of a second.</param>
    /// <returns>Ready; Completed: nothing more can be written; TimedOut.</returns>
    /// <exception cref="MemToolsException">OverlappingUse; Corrupted; RecordTooLarge or Misuse: there can never be so much.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public RingReadiness WaitToWrite(int length, TimeSpan timeout, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        if (length > LongestPiece)
            throw TooLong(length);
        RingDeadline deadline = new(timeout, stop);
        ulong needed = (uint)length + (_keepsRecords ? (ulong)PrefixLength : 0);
        RingClaim claim = EnterWriter();
        try
        {
            while (Volatile.Read(ref _header->Completed) == 0)
            {
                ulong at = _header->ProducerIndex;
                if (_dropsOldest || LookForRoom(claim, at) <= _capacity - needed)
                    return RingReadiness.Ready;
                if (!SleepUntilRead(at + needed - _capacity, anything: false, deadline))
                    return RingReadiness.TimedOut;
            }

            return RingReadiness.Completed;
        }
        finally
        {
            LeaveWriter(claim);
        }
    }

    /// <summary>
    /// Declares the end: further writes fail, those that wait for room too, and readers stop when they have read what is
    /// there. Any thread may call it; what a write publishes that is under way at that moment may come too late for a reader
    /// that stops.
    /// </summary>
    public override void Complete()
    {
        lock (_gate)
        {
            if (_closed)
                throw Disposed();
            // Release: who sees the end sees all that was published before it.
            Volatile.Write(ref _header->Completed, 1);
            // The word before the look at who waits: the other half of what a sleeper does.
            Interlocked.MemoryBarrier();
            WakeBoth();
        }
    }

    private bool TryPutRecord(RingClaim claim, ReadOnlySpan<byte> record, ulong length)
    {
        RequireOpen(claim, _header);
        ulong at = _header->ProducerIndex;
        if (LookForRoom(claim, at) > _capacity - length)
            return false;
        PutRecord(_header, at, record);
        return true;
    }

    private bool AwaitData(RingDeadline deadline, ulong moreThan, out RingReadiness readiness)
    {
        RingClaim claim = EnterReader();
        try
        {
            return AwaitData(claim, deadline, moreThan, out readiness);
        }
        finally
        {
            LeaveReader(claim);
        }
    }

    /// <summary>Whether there is something to read now; if not, the readiness says why none will come.</summary>
    private bool AwaitData(RingClaim claim, RingDeadline deadline, ulong moreThan, out RingReadiness readiness)
    {
        while (true)
        {
            // Acquire, the end before the index: all that was published before the end is seen with it.
            bool isCompleted = Volatile.Read(ref _header->Completed) != 0;
            ulong available = _dropsOldest ? AvailableStanding(claim) : LookForData(claim, _header->ConsumerIndex);
            readiness = available > moreThan ? RingReadiness.Ready : RingReadiness.Completed;
            if (available > moreThan || isCompleted)
                return available > moreThan;
            if (SleepUntilWritten(_header->ConsumerIndex + moreThan + 1, deadline))
                continue;
            readiness = RingReadiness.TimedOut;
            return false;
        }
    }

    private MemToolsException TooLate(string what) => new(ErrorKind.TimedOut, $"{what} '{Name}' within the given time.");

    private MemToolsException Full(long length) =>
        new(ErrorKind.Full, $"'{Name}' has no room for {length} bytes: {Used} of {_capacity} are taken, and it was made with WhenFull Error. Nothing was written.");
}
