namespace MemTools.Rings;

/// <content>What it tells of itself, from any thread. While others write and read, figures of one look fit together roughly.</content>
public sealed unsafe partial class ByteRing
{
    /// <summary>As they were when the ring was closed.</summary>
    private RingFigures _last;

    /// <summary>Bytes taken, those included that hold the lengths of records.</summary>
    public override long Used => Figures.Used;

    /// <inheritdoc/>
    public override bool IsCompleted => Figures.IsCompleted;

    /// <summary>Bytes written since it was made; of records their content alone.</summary>
    public override long TotalWritten => Figures.BytesWritten;

    /// <summary>Bytes taken out since it was made, those that Clear threw away included; of records their content alone.</summary>
    public override long TotalRead => Figures.BytesRead;

    /// <summary>Bytes that were overwritten before anybody read them; of records their content alone.</summary>
    public override long Dropped => Figures.BytesDropped;

    /// <summary>Records written since it was made; null for a ring that keeps no records.</summary>
    public long? RecordsWritten => _keepsRecords ? Figures.RecordsWritten : null;

    /// <summary>Records taken out since it was made, those that Clear threw away included; null likewise.</summary>
    public long? RecordsRead => _keepsRecords ? Figures.RecordsRead : null;

    /// <summary>Records that were overwritten before anybody read them; null likewise.</summary>
    public long? RecordsDropped => _keepsRecords ? Figures.RecordsDropped : null;

    /// <inheritdoc/>
    public override long WriteStalls => Figures.WriteStalls;

    /// <inheritdoc/>
    public override long ReadStalls => Figures.ReadStalls;

    private RingFigures Figures
    {
        get
        {
            // Whoever closes the ring takes the lock too: the memory stays while this looks.
            lock (_gate)
                return _closed ? _last : Look();
        }
    }

    private RingFigures Look()
    {
        // Acquire: the reader's index first, so that it is never past the writer's, and each before its counters.
        ulong consumed = Volatile.Read(ref _header->ConsumerIndex);
        ulong recordsRead = Volatile.Read(ref _header->RecordsRead);
        ulong bytesDropped = Volatile.Read(ref _header->DroppedBytes);
        ulong recordsDropped = Volatile.Read(ref _header->DroppedRecords);
        (ulong oldest, ulong recordsBefore) = LookAtOldest();
        ulong produced = Volatile.Read(ref _header->ProducerIndex);
        ulong recordsWritten = Volatile.Read(ref _header->RecordsWritten);
        ulong start = _header->StartIndex;
        ulong begin = consumed;
        // What the reader has not come to notice yet.
        if ((long)(oldest - consumed) > 0)
        {
            begin = oldest;
            bytesDropped += oldest - consumed;
            if (_keepsRecords)
                recordsDropped = recordsBefore - recordsRead;
        }

        ulong prefixes = _keepsRecords ? PrefixLength : 0UL;
        return new()
        {
            // A writer that is about to write more than the ring holds drops all of it first: below zero for a moment.
            Used = Math.Clamp((long)(produced - begin), 0, (long)_capacity),
            BytesWritten = (long)(produced - start - (prefixes * recordsWritten)),
            BytesRead = (long)(begin - start - bytesDropped - (prefixes * recordsRead)),
            BytesDropped = (long)(bytesDropped - (prefixes * recordsDropped)),
            RecordsWritten = (long)recordsWritten,
            RecordsRead = (long)recordsRead,
            RecordsDropped = (long)recordsDropped,
            WriteStalls = (long)_header->WriteStalls,
            ReadStalls = (long)_header->ReadStalls,
            IsCompleted = Volatile.Read(ref _header->Completed) != 0,
        };
    }

    private struct RingFigures
    {
        internal long Used;
        internal long BytesWritten;
        internal long BytesRead;
        internal long BytesDropped;
        internal long RecordsWritten;
        internal long RecordsRead;
        internal long RecordsDropped;
        internal long WriteStalls;
        internal long ReadStalls;
        internal bool IsCompleted;
    }
}
