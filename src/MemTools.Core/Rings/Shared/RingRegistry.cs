using System.Diagnostics;
using System.Text;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// The names of this user's shared rings, locked while this object lives. Each ring is a directory, and in it each of its
/// holders is a file, see <see cref="RingEntry"/>.
/// <para>
/// A name leads to no memory, only to the holders: the memory is opened through /proc/PID/fd of one of them. That was
/// chosen over a socket on which each holder would hand its descriptor out. The kernel answers at once where a holder is
/// busy, stopped or at a breakpoint, while a socket needs a thread that answers; and what is opened is an open file
/// description of one's own, whose flock(2) one's death gives back, while a descriptor that is passed shares the
/// sender's. The kernel's own rule guards it (PTRACE_MODE_READ: the same user, a process that may be dumped; Yama
/// restricts attaching only), where a socket would have to look at SO_PEERCRED. What is lost is reaching a holder that is
/// in another PID namespace, or may not be dumped: that is said, see <see cref="HeldMemory"/>.
/// </para>
/// <para>
/// Whether a holder lives is told by the lock on its file, which the kernel gives back however the process ends, and
/// which no process of the same number can have. Every change is made under the lock of the whole registry, so that of
/// two that create a name one finds the other's.
/// </para>
/// </summary>
internal sealed class RingRegistry : IDisposable
{
    private const uint PrivateMode = 0x1C0; // 0700

    private const uint PrivateFile = 0x180; // 0600

    /// <summary>Under the lock nobody waits for anything; who has it for so long was stopped in the middle.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(2);

    private readonly RuntimePlaces _places;
    private readonly Descriptor _root;

    private RingRegistry(RuntimePlaces places, Descriptor root)
    {
        _places = places;
        _root = root;
    }

    /// <summary>Opens the registry and waits for its lock.</summary>
    /// <exception cref="MemToolsException">Busy: another process has had the lock for seconds. PermissionDenied: the directory is not safe.</exception>
    /// <exception cref="SystemCallException">The directory could not be made, opened or locked.</exception>
    internal static RingRegistry Open(RuntimePlaces places)
    {
        Descriptor root = RegistryDirectory.Open(places);
        try
        {
            Lock(root);
            return new(places, root);
        }
        catch
        {
            root.Dispose();
            throw;
        }
    }

    /// <summary>The same without waiting for the lock; null where another has it.</summary>
    /// <exception cref="MemToolsException">PermissionDenied: the directory is not safe.</exception>
    /// <exception cref="SystemCallException">The directory could not be made or opened.</exception>
    internal static RingRegistry? OpenIfFree(RuntimePlaces places)
    {
        Descriptor root = RegistryDirectory.Open(places);
        if (FileIO.TryLock(root) >= 0)
            return new(places, root);
        root.Dispose();
        return null;
    }

    /// <summary>The names that have a directory, whether anybody still holds them or not.</summary>
    internal IReadOnlyList<string> Names() => [.. List(_root, ofDirectories: true).Where(RingName.IsValid).Order(StringComparer.Ordinal)];

    /// <summary>The holders of a ring that live; what dead ones left is not among them.</summary>
    internal IReadOnlyList<RingEntry> Holders(string name)
    {
        using Descriptor? ring = TryOpenRing(name);
        return ring is null ? [] : [.. Entries(ring).Where(entry => IsHeld(ring, entry))];
    }

    /// <summary>Enters this process as a holder.</summary>
    /// <param name="name">The ring.</param>
    /// <param name="memory">Its memory, which stays open as long as the holder does.</param>
    internal RingHolder Add(string name, Descriptor memory)
    {
        RingEntry entry = new(Environment.ProcessId, memory.Number, FileMetadata.StatusOf(memory, NativePath.From(name)).Inode);
        using Descriptor ring = MakeRing(name);
        // Left by a dead process that had this number, and this number of a descriptor, and this inode: all is possible.
        _ = DirectoryEntries.Remove(ring, entry.Name);
        const int flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive;
        long result = FileIO.TryOpen(ring, entry.Name, flags, PrivateFile, out Descriptor? file);
        SystemCallException.Check(result, "openat", entry.Name);
        SystemCallException.Check(FileIO.TryLock(file!), "flock", entry.Name);
        return new(_places, name, entry, file!);
    }

    /// <summary>Takes a holder's file away, and with the last one the name.</summary>
    internal void Remove(string name, RingEntry entry)
    {
        using Descriptor? ring = TryOpenRing(name);
        if (ring is not null)
            _ = DirectoryEntries.Remove(ring, entry.Name);
        RemoveIfEmpty(name);
    }

    /// <summary>Ends a name: nobody finds its memory any more, and those who hold it keep it.</summary>
    internal void End(string name)
    {
        using (Descriptor? ring = TryOpenRing(name))
        {
            foreach (RingEntry entry in ring is null ? [] : Entries(ring))
                _ = DirectoryEntries.Remove(ring!, entry.Name);
        }

        RemoveIfEmpty(name);
    }

    /// <summary>Removes what dead holders of a ring left, if none but this one lives.</summary>
    /// <returns>The process of one of them; null where there are none, or another lives.</returns>
    internal int? SweepLastPeer(string name, RingEntry own)
    {
        using Descriptor? ring = TryOpenRing(name);
        if (ring is null)
            return null;
        RingEntry[] others = [.. Entries(ring).Where(entry => entry != own && entry.Inode == own.Inode)];
        if (others.Length == 0 || others.Any(entry => IsHeld(ring, entry)))
            return null;
        foreach (RingEntry entry in others)
            _ = DirectoryEntries.Remove(ring, entry.Name);
        return others[0].ProcessId;
    }

    /// <summary>Removes what dead processes left, of all names.</summary>
    internal void Sweep()
    {
        foreach (string name in Names())
        {
            using Descriptor? ring = TryOpenRing(name);
            foreach (RingEntry entry in ring is null ? [] : Entries(ring))
            {
                if (!IsHeld(ring!, entry))
                    _ = DirectoryEntries.Remove(ring!, entry.Name);
            }

            RemoveIfEmpty(name);
        }
    }

    public void Dispose()
    {
        // Not by closing alone: a child that is being started at this moment may still have a duplicate.
        FileIO.Unlock(_root);
        _root.Dispose();
    }

    private static void Lock(Descriptor root)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (FileIO.TryLock(root) is < 0 and var result)
        {
            if (KernelResult.ErrnoOf(result) != Errno.EAGAIN)
                throw new SystemCallException("flock", KernelResult.ErrnoOf(result), "the names of shared rings");
            if (watch.Elapsed > Patience)
            {
                throw new MemToolsException(
                    ErrorKind.Busy, "Another process has the names of shared rings locked for seconds; it seems to be stopped. Try again when it is gone.");
            }

            Thread.Sleep(Turn);
        }
    }

    private Descriptor MakeRing(string name)
    {
        NativePath path = NativePath.From(name);
        long made = DirectoryEntries.Make(_root, path, PrivateMode);
        if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
            SystemCallException.Check(made, "mkdirat", path);
        return FileIO.Open(_root, path, RingFlags);
    }

    private static int RingFlags => OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;

    private Descriptor? TryOpenRing(string name)
    {
        _ = FileIO.TryOpen(_root, NativePath.From(name), RingFlags, 0, out Descriptor? ring);
        return ring;
    }

    /// <summary>Fails where somebody holds the ring, and where files of others were put there: both are as it should be.</summary>
    private void RemoveIfEmpty(string name) => _ = DirectoryEntries.RemoveDirectory(_root, NativePath.From(name));

    private static IEnumerable<RingEntry> Entries(Descriptor ring) =>
        List(ring, ofDirectories: false).Select(RingEntry.Parse).OfType<RingEntry>().OrderBy(entry => entry.ProcessId);

    /// <summary>Whether the holder's own lock is on its file. Asking takes the lock for a moment, which the registry's own lock hides.</summary>
    private static bool IsHeld(Descriptor ring, RingEntry entry)
    {
        const int flags = OpenFlags.ReadOnly | OpenFlags.NonBlocking;
        _ = FileIO.TryOpen(ring, entry.Name, flags | OpenFlags.NoFollow, 0, out Descriptor? file);
        using (file)
            return file is not null && KernelResult.ErrnoOf(FileIO.TryLock(file)) == Errno.EAGAIN;
    }

    private static List<string> List(Descriptor directory, bool ofDirectories)
    {
        List<string> names = [];
        _ = FileIO.Seek(directory, 0, FileCalls.SeekSet);
        long result = DirectoryEntries.List(directory, (name, type) =>
        {
            if (type == DirectoryCalls.EntryTypeUnknown || type == DirectoryCalls.EntryTypeDirectory == ofDirectories)
                names.Add(Encoding.UTF8.GetString(name));
        });
        SystemCallException.Check(result, "getdents64", NativePath.From("the names of shared rings"));
        return names;
    }
}
