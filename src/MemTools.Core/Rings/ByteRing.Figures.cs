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

    private RingFigures Look() => RingFigures.Look(_header, _capacity, _keepsRecords);
}
