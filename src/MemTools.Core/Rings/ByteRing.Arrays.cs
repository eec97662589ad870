namespace MemTools.Rings;

/// <content>The same with arrays, since PowerShell cannot pass spans.</content>
public sealed unsafe partial class ByteRing
{
    /// <summary>Writes all of the bytes, or none where there is no room for all.</summary>
    /// <param name="data">The bytes.</param>
    /// <returns>Whether they were written.</returns>
    /// <exception cref="Kernel.MemToolsException">As with a span.</exception>
    public bool TryWrite(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return TryWrite(data.AsSpan());
    }

    /// <summary>Writes one record, whole or not at all.</summary>
    /// <param name="record">Its bytes.</param>
    /// <returns>Whether there was room for it.</returns>
    /// <exception cref="Kernel.MemToolsException">As with a span.</exception>
    public bool TryWriteRecord(byte[] record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return TryWriteRecord(record.AsSpan());
    }

    /// <summary>Takes out as many bytes as there are, up to a number.</summary>
    /// <param name="count">The most to take out.</param>
    /// <returns>The bytes; none where there are none.</returns>
    /// <exception cref="Kernel.MemToolsException">As with a span.</exception>
    public byte[] TryRead(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        byte[] bytes = new byte[Math.Min(count, Used)];
        int read = TryRead(bytes.AsSpan());
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Takes out one record.</summary>
    /// <returns>Its bytes; null where there is none.</returns>
    /// <exception cref="Kernel.MemToolsException">As with a span.</exception>
    public byte[]? TryReadRecord() => CopyRecord(advance: true);

    /// <summary>Copies the next record and leaves it there.</summary>
    /// <returns>Its bytes; null where there is none.</returns>
    /// <exception cref="Kernel.MemToolsException">As with a span.</exception>
    public byte[]? PeekRecord() => CopyRecord(advance: false);

    private byte[]? CopyRecord(bool advance)
    {
        byte[] record = [];
        int length;
        // Where the oldest is dropped, the record that there is room for may be gone, and a longer one be next.
        while (!TakeRecord(record, advance, out length))
        {
            if (length == 0)
                return null;
            record = new byte[length];
        }

        return length == record.Length ? record : record[..length];
    }
}
