using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>A ring that has a name for all processes of the user, as it was at one moment.</summary>
public sealed class SharedRingInfo
{
    internal SharedRingInfo()
    {
    }

    /// <summary>The name that processes connect by.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Alive: a living process holds it. Stale: only processes held it that are dead; the name is free, and swept when the
    /// next ring is made or connected. Unreachable: its holders are hidden from this process. Refused: its memory is not
    /// that of a ring.
    /// </summary>
    public required string State { get; init; }

    /// <summary>Why it is unreachable or refused; null for a ring that can be connected.</summary>
    public string? Reason { get; init; }

    /// <summary>Living processes that hold it, each as often as it connected.</summary>
    public ResultList<int> Holders { get; init; } = ResultList<int>.None;

    /// <summary>
    /// The inode number of its memory, which tells it from another ring that gets its name later; null where nobody holds it.
    /// </summary>
    public ulong? Inode { get; init; }

    /// <summary>The process that made it, which may have ended since; null where the ring cannot be read.</summary>
    public int? OwnerProcessId { get; init; }

    /// <summary>When it was made, in UTC; null likewise.</summary>
    public DateTime? Created { get; init; }

    /// <summary>The process that writes, dead or alive; null where none has written since the last one left.</summary>
    public int? ProducerProcessId { get; init; }

    /// <summary>Whether that one lives; null where there is none.</summary>
    public bool? ProducerIsAlive { get; init; }

    /// <summary>The process that reads, dead or alive; null where none has read since the last one left.</summary>
    public int? ConsumerProcessId { get; init; }

    /// <summary>Whether that one lives; null where there is none.</summary>
    public bool? ConsumerIsAlive { get; init; }

    /// <summary>Stream or Record.</summary>
    public string? Mode { get; init; }

    /// <summary>Wait, Error or DropOldest.</summary>
    public string? WhenFull { get; init; }

    /// <summary>Bytes that it holds.</summary>
    public long? Capacity { get; init; }

    /// <summary>Bytes taken.</summary>
    public long? Used { get; init; }

    /// <summary>Bytes that are free.</summary>
    public long? Free => Capacity - Used;

    /// <summary>Bytes written since it was made.</summary>
    public long? TotalWritten { get; init; }

    /// <summary>Bytes taken out since it was made.</summary>
    public long? TotalRead { get; init; }

    /// <summary>Bytes that were overwritten before anybody read them.</summary>
    public long? Dropped { get; init; }

    /// <summary>How often a writer had to wait for room.</summary>
    public long? WriteStalls { get; init; }

    /// <summary>How often a reader had to wait for data.</summary>
    public long? ReadStalls { get; init; }

    /// <summary>Whether its end was declared.</summary>
    public bool? IsCompleted { get; init; }

    /// <summary>For people.</summary>
    public override string ToString() => Name;
}
