namespace MemTools.Rings;

/// <summary>Records of a byte ring, as arrays or as text.</summary>
internal sealed class RecordItems(ByteRing ring, RingReading reading) : RingItems
{
    /// <summary>Only the next one can be looked at.</summary>
    internal override long ItemsOf(long units) => reading.Peek ? Math.Min(units, 1) : units;

    internal override bool TryTake(out object? item)
    {
        byte[]? record = reading.Peek ? ring.PeekRecord() : ring.TryReadRecord();
        item = record is null || reading.Encoding is null ? record : reading.Encoding.GetString(record);
        return record is not null;
    }

    private protected override RingReadiness Wait(TimeSpan timeout, CancellationToken stop) => ring.WaitToRead(timeout, stop);

    internal override long CountNow() => ring.RecordsWritten!.Value - ring.RecordsRead!.Value - ring.RecordsDropped!.Value;
}
