namespace MemTools.Transfer.Network;

/// <summary>How bytes are moved where no protocol is spoken: to and from a socket or pipe that somebody else opened.</summary>
public sealed record RawOptions
{
    /// <summary>To a stream: Auto, Sendfile, Splice, Mmap or ReadWrite; from one: Auto, Splice or ReadWrite.</summary>
    public CopyMethod Method { get; init; } = CopyMethod.Auto;

    /// <summary>The first byte to send, from 0. Only for files.</summary>
    public long Offset { get; init; }

    /// <summary>The most bytes to move, or null for all that come.</summary>
    public long? Length { get; init; }

    /// <summary>Bytes a second, or null for as many as go.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>Replaces a read-only destination and creates missing parent directories.</summary>
    public bool Force { get; init; }

    /// <summary>Leaves an existing destination alone.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Puts what was received on the disk before it counts as done.</summary>
    public bool Flush { get; init; }

    internal FileCopyOptions ForCopying() => new()
    {
        Method = Method,
        Offset = Offset,
        Length = Length,
        Force = Force,
        NoClobber = NoClobber,
        Flush = Flush,
        Preserve = PreserveItems.None,
    };

    /// <summary>What the copies of one thread have in common.</summary>
    /// <param name="autoOrder">What Auto tries.</param>
    /// <param name="status">The status of what was moved.</param>
    internal CopyContext MakeContext(CopyMethod[] autoOrder, string status)
    {
        Jobs.RateLimit? limit = BandwidthLimit is { } rate ? new(rate) : null;
        return new(ForCopying(), autoOrder)
        {
            StatusWhenDone = status,
            Pieces = limit is null ? new() : new(limit.LargestPiece),
            Observers = limit is null ? [] : [limit],
        };
    }
}
