using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>Looks at all rings of the registry, without joining one: through a window on the header that only reads.</summary>
internal static class SharedRingList
{
    internal static IReadOnlyList<SharedRingInfo> Read(RuntimePlaces places)
    {
        using RingRegistry registry = RingRegistry.Open(places);
        return [.. registry.Names().Select(name => Look(registry, name))];
    }

    private static SharedRingInfo Look(RingRegistry registry, string name)
    {
        IReadOnlyList<RingEntry> holders = registry.Holders(name);
        ResultList<int> processes = new([.. holders.Select(holder => holder.ProcessId)]);
        if (holders.Count == 0)
            return new() { Name = name, State = "Stale", Reason = "The processes that held it have ended." };
        try
        {
            using Descriptor file = HeldMemory.TryOpen(holders, OpenFlags.ReadOnly) ?? throw HeldMemory.Unreachable(name, holders);
            return Look(file, name, holders[0].Inode, processes);
        }
        catch (Exception e) when (e is MemToolsException or SystemCallException)
        {
            string state = ((IHasErrorKind)e).Kind == ErrorKind.PermissionDenied ? "Unreachable" : "Refused";
            return new() { Name = name, State = state, Reason = e.Message, Inode = holders[0].Inode, Holders = processes };
        }
    }

    private static unsafe SharedRingInfo Look(Descriptor file, string name, ulong inode, ResultList<int> holders)
    {
        RingLayout layout = RingVerification.Check(file, name);
        SystemCallException.Check(
            Mapping.TryMapFile(file, 0, layout.HeaderLength, out Mapping? mapping), "mmap", NativePath.From(name));
        using (mapping)
        {
            RingHeader* header = (RingHeader*)mapping!.Address;
            RingFigures figures = RingFigures.Look(header, (ulong)layout.Capacity, layout.Mode == RingMode.Record);
            (int? producer, bool? producerLives) = RingRole.Look(&header->Producer);
            (int? consumer, bool? consumerLives) = RingRole.Look(&header->Consumer);
            return new()
            {
                Name = name,
                State = "Alive",
                Inode = inode,
                Holders = holders,
                OwnerProcessId = (int)header->CreatorProcessId,
                Created = TimeOf(header->CreatedUnixMilliseconds),
                ProducerProcessId = producer,
                ProducerIsAlive = producerLives,
                ConsumerProcessId = consumer,
                ConsumerIsAlive = consumerLives,
                Mode = layout.Mode.ToString(),
                WhenFull = layout.WhenFull.ToString(),
                Capacity = layout.Capacity,
                Used = figures.Used,
                TotalWritten = figures.BytesWritten,
                TotalRead = figures.BytesRead,
                Dropped = figures.BytesDropped,
                WriteStalls = figures.WriteStalls,
                ReadStalls = figures.ReadStalls,
                IsCompleted = figures.IsCompleted,
            };
        }
    }

    /// <summary>A peer can write any number there; null where it is no time.</summary>
    private static DateTime? TimeOf(long milliseconds) =>
        milliseconds > 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime
            : null;
}
