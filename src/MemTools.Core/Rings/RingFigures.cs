namespace MemTools.Rings;

/// <summary>
/// What the header of a byte ring tells of it at one moment, from any thread and any process. While others write and read,
/// figures of one look fit together roughly.
/// </summary>
internal readonly struct RingFigures
{
    /// <summary>A writer changes the words below so fast at times that one look at them is too slow, but not so often in a row.</summary>
    private const int MostLooks = 10_000;

    /// <summary>Bytes taken, the lengths of records included.</summary>
    internal long Used { get; private init; }

    /// <summary>Written since creation; of records their content alone, here and below.</summary>
    internal long BytesWritten { get; private init; }

    /// <summary>Taken out since creation.</summary>
    internal long BytesRead { get; private init; }

    /// <summary>Overwritten before anybody read them.</summary>
    internal long BytesDropped { get; private init; }

    /// <summary>Written since creation; means something only where records are kept, here and below.</summary>
    internal long RecordsWritten { get; private init; }

    /// <summary>Taken out since creation.</summary>
    internal long RecordsRead { get; private init; }

    /// <summary>Overwritten before anybody read them.</summary>
    internal long RecordsDropped { get; private init; }

    /// <summary>How often a writer had to wait.</summary>
    internal long WriteStalls { get; private init; }

    /// <summary>How often a reader had to wait.</summary>
    internal long ReadStalls { get; private init; }

    /// <summary>Whether the end was declared.</summary>
    internal bool IsCompleted { get; private init; }

    /// <summary>Looks at a header that is mapped, for reading at least.</summary>
    /// <param name="header">The header.</param>
    /// <param name="capacity">As verified once, not as the header says now.</param>
    /// <param name="keepsRecords">Likewise.</param>
    internal static unsafe RingFigures Look(RingHeader* header, ulong capacity, bool keepsRecords)
    {
        // Acquire: the reader's index first, so that it is never past the writer's, and each before its counters.
        ulong consumed = Volatile.Read(ref header->ConsumerIndex);
        ulong recordsRead = Volatile.Read(ref header->RecordsRead);
        ulong bytesDropped = Volatile.Read(ref header->DroppedBytes);
        ulong recordsDropped = Volatile.Read(ref header->DroppedRecords);
        (ulong oldest, ulong recordsBefore) = LookAtOldest(header);
        ulong produced = Volatile.Read(ref header->ProducerIndex);
        ulong recordsWritten = Volatile.Read(ref header->RecordsWritten);
        ulong start = header->StartIndex;
        ulong begin = consumed;
        // What the reader has not come to notice yet.
        if ((long)(oldest - consumed) > 0)
        {
            begin = oldest;
            bytesDropped += oldest - consumed;
            if (keepsRecords)
                recordsDropped = recordsBefore - recordsRead;
        }

        ulong prefixes = keepsRecords ? ByteRing.PrefixLength : 0UL;
        return new()
        {
            // A writer that is about to write more than the ring holds drops all of it first: below zero for a moment.
            Used = Math.Clamp((long)(produced - begin), 0, (long)capacity),
            BytesWritten = (long)(produced - start - (prefixes * recordsWritten)),
            BytesRead = (long)(begin - start - bytesDropped - (prefixes * recordsRead)),
            BytesDropped = (long)(bytesDropped - (prefixes * recordsDropped)),
            RecordsWritten = (long)recordsWritten,
            RecordsRead = (long)recordsRead,
            RecordsDropped = (long)recordsDropped,
            WriteStalls = (long)header->WriteStalls,
            ReadStalls = (long)header->ReadStalls,
            IsCompleted = Volatile.Read(ref header->Completed) != 0,
        };
    }

    /// <summary>
    /// The oldest index and how many records lie before it, as they belong together. A peer that changes them for ever to
    /// do harm gets an answer that does not fit, rather than an endless look.
    /// </summary>
    internal static unsafe (ulong Index, ulong Records) LookAtOldest(RingHeader* header)
    {
        for (int look = 1; ; look++)
        {
            // Acquire each: the place is read after the index, and the index once more after the place.
            ulong index = Volatile.Read(ref header->OldestIndex);
            OldestRecord first = new() { Index = Volatile.Read(ref header->FirstOldest.Index), Records = Volatile.Read(ref header->FirstOldest.Records) };
            OldestRecord second = new() { Index = Volatile.Read(ref header->SecondOldest.Index), Records = Volatile.Read(ref header->SecondOldest.Records) };
            // Unchanged: then the place of this index was not touched, since the writer takes the other one in turn.
            if (Volatile.Read(ref header->OldestIndex) == index || look == MostLooks)
                return (index, first.Index == index ? first.Records : second.Records);
        }
    }
}
