using System.Text;
using MemTools.Kernel;

namespace MemTools.Rings;

/// <summary>Takes things out of a ring one by one, without waiting: arrays of bytes, lines, records, objects.</summary>
internal abstract class RingItems
{
    /// <summary>What was taken out of the ring and cannot be handed over, after a failure; null where there is none.</summary>
    internal virtual byte[]? Unread => null;

    /// <summary>How many items that many units are: bytes come in one array, whatever their number.</summary>
    internal virtual long ItemsOf(long units) => units;

    /// <summary>The next item.</summary>
    /// <param name="item">Its value.</param>
    /// <returns>False where there is none at this moment.</returns>
    internal abstract bool TryTake(out object? item);

    /// <summary>The next item; waits for it where there is none.</summary>
    /// <returns>False when none will come, or the time ran out.</returns>
    internal virtual bool TryTakeWaiting(TimeSpan timeout, CancellationToken stop, out object? item)
    {
        while (!TryTake(out item))
        {
            // Completed: that was not known yet when the look before found nothing.
            if (Wait(timeout, stop) != RingReadiness.Ready)
                return TryTake(out item) || TryTakeLess(out item);
        }

        return true;
    }

    /// <summary>When nothing more is waited for: what is there then may be less than what was waited for.</summary>
    internal virtual bool TryTakeLess(out object? item)
    {
        item = null;
        return false;
    }

    /// <summary>
    /// How many items are there now. Who does not follow gets no more than these, or a fast writer would keep it for ever.
    /// </summary>
    internal abstract long CountNow();

    /// <summary>The items of a ring.</summary>
    /// <exception cref="MemToolsException">Misuse: the ring has no such units.</exception>
    /// <exception cref="ObjectDisposedException">The ring has been removed.</exception>
    internal static RingItems Of(RingBuffer ring, RingReading reading)
    {
        if (reading.Peek && reading.Follow)
            throw new MemToolsException(ErrorKind.Misuse, "What is only looked at stays in the ring, so that -Peek with -Wait would see the same for ever. -TimeoutSec waits for something to look at.");
        if (ring.IsClosed)
            throw new ObjectDisposedException(ring.Name, $"The ring '{ring.Name}' has been removed.");
        if (ring is ObjectRing objects)
            return OfObjects(objects, reading);
        ByteRing bytes = (ByteRing)ring;
        if (bytes.LongestRecord is not null)
            return reading.Unit != RingUnit.Line ? new RecordItems(bytes, reading) : throw Misuse(ring, "keeps records, and no lines: read it with -Record, or without");
        return reading.Unit switch
        {
            RingUnit.Record => throw Misuse(ring, "keeps no records: make it with -Record, or read it with -Line or -Count"),
            RingUnit.Line => new LineItems(bytes, reading),
            _ => new ByteItems(bytes, reading),
        };
    }

    /// <summary>Waits until there may be another item.</summary>
    private protected abstract RingReadiness Wait(TimeSpan timeout, CancellationToken stop);

    private static ObjectItems OfObjects(ObjectRing ring, RingReading reading) => reading switch
    {
        { Unit: not RingUnit.Any } => throw Misuse(ring, "holds objects, and neither lines nor records: read it without -Line and -Record"),
        { Encoding: not null } => throw Misuse(ring, "holds objects: what they are as text you say, as in Read-RingBuffer … | ForEach-Object ToString"),
        _ => new(ring, reading),
    };

    private static MemToolsException Misuse(RingBuffer ring, string why) => new(ErrorKind.Misuse, $"'{ring.Name}' {why}.");
}
