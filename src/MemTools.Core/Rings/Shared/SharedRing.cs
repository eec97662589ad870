using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// Byte rings that processes of one user share by name. The memory is a sealed memfd; it lives as long as a process holds
/// it, and the name as long as a process that entered itself in the registry does.
/// </summary>
public static class SharedRing
{
    private const int MostLooks = 3;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Makes a ring under a name that no living process uses.</summary>
    /// <param name="name">At most 100 bytes of UTF-8, without slashes and control characters, not beginning with a dot. Case matters.</param>
    /// <param name="options">Capacity, mode, and what a write does where there is no room. Its own name is not used.</param>
    /// <exception cref="MemToolsException">
    /// AlreadyExists: a living process holds a ring of that name. Misuse: the name or the capacity makes no sense.
    /// OutOfMemory: there is not that much memory. PermissionDenied: the registry's directory is not safe to use.
    /// NotSupported: other processes cannot reach this one. Busy: the registry is locked for seconds.
    /// </exception>
    /// <exception cref="SystemCallException">The registry could not be made or written.</exception>
    public static ByteRing Create(string name, ByteRingOptions? options = null) => Create(name, options ?? new(), RuntimePlaces.Current);

    /// <summary>Joins a ring that another process, or this one, made.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="MemToolsException">
    /// NotFound: no living process holds a ring of that name. Corrupted: its memory is not that of a ring.
    /// PermissionDenied: its holders cannot be reached from this process, or the registry's directory is not safe to use.
    /// NotSupported: it is of another version, or another PID namespace.
    /// </exception>
    /// <exception cref="SystemCallException">The memory could not be mapped.</exception>
    public static ByteRing Connect(string name) => Connect(name, RuntimePlaces.Current);

    /// <summary>Ends a name: nobody can connect to it any more, and it is free for a new ring. Those who hold the ring keep it.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="MemToolsException">NotFound: there is no ring of that name.</exception>
    public static void Remove(string name) => Remove(name, RuntimePlaces.Current);

    /// <summary>Ends the name of one ring. Where the name has ended meanwhile and leads to another ring, that one keeps it.</summary>
    /// <param name="ring">A shared ring that this process holds.</param>
    /// <exception cref="MemToolsException">NotFound: the name leads to this ring no more; Misuse: the ring is not shared.</exception>
    public static void Remove(ByteRing ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        IRingPeers share = ring.Peers ?? throw new MemToolsException(ErrorKind.Misuse, $"'{ring.Name}' is this process's alone, and has no name for others.");
        Remove(share.Name, RuntimePlaces.Current, share.Inode);
    }

    /// <summary>Ends the name of a ring that was listed. Where the name leads to another ring by now, that one keeps it.</summary>
    /// <param name="ring">The ring, as <see cref="GetAll()"/> told of it.</param>
    /// <exception cref="MemToolsException">NotFound: no living process holds the ring that was listed.</exception>
    public static void Remove(SharedRingInfo ring)
    {
        ArgumentNullException.ThrowIfNull(ring);
        Remove(ring.Name, RuntimePlaces.Current, ring.Inode);
    }

    /// <summary>All rings of this user that have a name, in the order of their names; those that dead processes left, too.</summary>
    public static IReadOnlyList<SharedRingInfo> GetAll() => GetAll(RuntimePlaces.Current);

    internal static IReadOnlyList<SharedRingInfo> GetAll(RuntimePlaces places) => SharedRingList.Read(places);

    internal static ByteRing Create(string name, ByteRingOptions options, RuntimePlaces places)
    {
        RingName.Check(name);
        HeldMemory.RequireReachable();
        using (RingRegistry registry = RingRegistry.Open(places))
            RequireFree(registry, name);
        // Not under the lock of the registry: gigabytes take their time.
        RingMemory memory = RingMemory.Create(RingMemory.RoundUp(options.Capacity), options.Mode, options.WhenFull, name: name);
        Sign(memory);
        RingLayout layout = new(memory.HeaderLength, memory.Capacity, options.Mode, options.WhenFull);
        return Enter(name, memory, layout, places, registry => RequireFree(registry, name));
    }

    internal static ByteRing Connect(string name, RuntimePlaces places)
    {
        RingName.Check(name);
        Descriptor file;
        using (RingRegistry registry = RingRegistry.Open(places))
        {
            registry.Sweep();
            file = OpenHeld(registry, name);
        }

        ulong inode = FileMetadata.StatusOf(file, NativePath.From(name)).Inode;
        return Join(name, file, places, registry => RequireHeld(registry, name, inode));
    }

    /// <summary>Verifies a descriptor, maps it and enters this process as a holder. Takes the descriptor over, also where it fails.</summary>
    internal static ByteRing Join(string name, Descriptor file, RuntimePlaces places, Action<RingRegistry> require)
    {
        RingLayout layout;
        try
        {
            layout = RingVerification.Check(file, name);
        }
        catch
        {
            file.Dispose();
            throw;
        }

        return Enter(name, RingMemory.Map(file, layout.HeaderLength, layout.Capacity), layout, places, require);
    }

    /// <param name="name">The name.</param>
    /// <param name="places">Where the names are.</param>
    /// <param name="inode">Which memory it has to lead to; null for any.</param>
    internal static void Remove(string name, RuntimePlaces places, ulong? inode = null)
    {
        RingName.Check(name);
        using RingRegistry registry = RingRegistry.Open(places);
        registry.Sweep();
        if (!registry.Holders(name).Any(holder => inode is null || holder.Inode == inode))
            throw Missing(name);
        registry.End(name);
    }

    /// <summary>Makes this process a holder, if what was so when the memory was made or opened is so still.</summary>
    private static ByteRing Enter(
        string name, RingMemory memory, RingLayout layout, RuntimePlaces places, Action<RingRegistry> require)
    {
        try
        {
            using RingRegistry registry = RingRegistry.Open(places);
            require(registry);
            return Enter(registry, name, memory, layout);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    private static ByteRing Enter(RingRegistry registry, string name, RingMemory memory, RingLayout layout)
    {
        RingHolder holder = registry.Add(name, memory.File);
        try
        {
            RingShare share = new(memory, holder);
            return ByteRing.Adopt(name, known => new(known, memory, layout.Mode, layout.WhenFull, share));
        }
        catch
        {
            holder.Leave(registry);
            throw;
        }
    }

    private static Descriptor OpenHeld(RingRegistry registry, string name)
    {
        for (int look = 1; ; look++)
        {
            IReadOnlyList<RingEntry> holders = registry.Holders(name);
            if (holders.Count == 0)
                throw Missing(name);
            if (HeldMemory.TryOpen(holders, OpenFlags.ReadWrite) is { } memory)
                return memory;
            // A process that ends at this moment closes its descriptors one after the other, and the lock may be the last.
            if (look == MostLooks)
                throw HeldMemory.Unreachable(name, holders);
            Thread.Sleep(BetweenLooks);
        }
    }

    private static void RequireFree(RingRegistry registry, string name)
    {
        registry.Sweep();
        if (registry.Holders(name) is { Count: > 0 } holders)
            throw Exists(name, holders);
    }

    /// <summary>The name may have ended meanwhile, or have become another ring's.</summary>
    private static void RequireHeld(RingRegistry registry, string name, ulong inode)
    {
        if (!registry.Holders(name).Any(holder => holder.Inode == inode))
            throw Missing(name);
    }

    /// <summary>Says in the header who made the ring. Nobody else has the memory yet.</summary>
    private static unsafe void Sign(RingMemory memory)
    {
        RingHeader* header = memory.Header;
        header->PidNamespace = PidNamespace.Current;
        header->CreatorProcessId = (uint)ProcessMark.Current.Id;
        header->CreatorStartTime = ProcessMark.Current.StartTime;
        header->CreatedUnixMilliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
    }

    private static MemToolsException Exists(string name, IReadOnlyList<RingEntry> holders)
    {
        string who = string.Join(", ", holders.Select(holder => holder.ProcessId).Distinct());
        return new(
            ErrorKind.AlreadyExists,
            $"There is a ring '{name}' already (held by process {who}). Connect-RingBuffer joins it, Remove-RingBuffer ends its name, and another name is free.");
    }

    private static MemToolsException Missing(string name) => new(
        ErrorKind.NotFound,
        $"No living process of this user holds a ring '{name}'. New-RingBuffer -Name makes one; Get-RingBuffer shows those that there are.");
}
