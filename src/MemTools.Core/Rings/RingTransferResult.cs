namespace MemTools.Rings;

/// <summary>What filling a ring from a descriptor, or draining it to one, did.</summary>
public sealed class RingTransferResult
{
    /// <summary>The ring.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// EndOfData: the source had no more, or the ring was completed and is empty. CountReached: as many bytes as were asked
    /// for. Emptied: all that there was was written, and nothing was waited for. TimedOut.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Into the ring, or out of it.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>Records into the ring or out of it; null for a ring that keeps none.</summary>
    public required long? Records { get; init; }

    /// <summary>How many calls moved bytes: read(2), write(2) and their like. Those that waited are not among them.</summary>
    public required long SystemCalls { get; init; }

    /// <summary>From the first to the last moment, waiting included.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Bytes a second.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? BytesTransferred / Elapsed.TotalSeconds : 0;
}
