using System.Diagnostics;
using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>
/// One of the two roles of a shared ring: a ring has one producer and one consumer at a time, of all processes and of all
/// objects within one. Who has the role stands in the header; a role whose process died is free.
/// </summary>
/// <remarks>
/// Roles are taken under flock(2) on the memory itself: each holder has an open file description of its own, and the kernel
/// gives the lock of a killed one back. Only the holder of a role changes its cell while it lives, so it is given back
/// without the lock.
/// </remarks>
internal sealed unsafe class RingRole
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(1);

    private readonly RingMemory _memory;
    private readonly RoleCell* _cell;
    private readonly string _ring;
    private readonly bool _writes;
    private readonly ulong _owner;

    /// <param name="memory">The ring's memory.</param>
    /// <param name="ring">Its name, for messages.</param>
    /// <param name="writes">The producer's role; else the consumer's.</param>
    /// <param name="attachment">Tells this object from others of the process that hold the ring.</param>
    internal RingRole(RingMemory memory, string ring, bool writes, uint attachment)
    {
        _memory = memory;
        _cell = writes ? &memory.Header->Producer : &memory.Header->Consumer;
        _ring = ring;
        _writes = writes;
        _owner = OwnerOf(Environment.ProcessId, attachment);
    }

    /// <summary>The process that has a role, and whether it lives; nulls where the role is free.</summary>
    internal static (int? Process, bool? IsAlive) Look(RoleCell* cell)
    {
        ulong owner = Volatile.Read(ref cell->Owner);
        return owner == 0 ? (null, null) : (ProcessOf(owner), IsAlive(cell, owner));
    }

    /// <summary>Whether nobody has it, dead or alive.</summary>
    internal bool IsFree => Volatile.Read(ref _cell->Owner) == 0;

    /// <summary>Takes the role. Called while the memory cannot go away.</summary>
    /// <exception cref="MemToolsException">Busy: another has it.</exception>
    internal void Take()
    {
        // Each takeover by another thread of the process comes here, and mostly finds the role its own already.
        if (Volatile.Read(ref _cell->Owner) == _owner)
            return;
        // Two threads of this process share the description, so flock(2) would let both in.
        lock (_memory)
        {
            LockMemory();
            try
            {
                TakeLocked();
            }
            finally
            {
                FileIO.Unlock(_memory.File);
            }
        }
    }

    /// <summary>Gives the role back if this object has it. Called while the memory cannot go away.</summary>
    internal void Leave()
    {
        // Release: what was written or read last comes before it for whoever takes the role next.
        if (Volatile.Read(ref _cell->Owner) == _owner)
            Volatile.Write(ref _cell->Owner, 0);
    }

    /// <summary>The failure to report where the process that has the role ended; null where it lives, or nobody has it.</summary>
    internal MemToolsException? Gone()
    {
        ulong owner = Volatile.Read(ref _cell->Owner);
        if (owner == 0 || IsAlive(_cell, owner))
            return null;
        // Given back, or taken over, while it was looked at.
        if (Volatile.Read(ref _cell->Owner) != owner)
            return null;
        string process = ProcessOf(owner).ToString(CultureInfo.InvariantCulture);
        return new(ErrorKind.PeerDied, _writes
            ? $"Process {process}, which wrote to the ring '{_ring}', ended without completing it. All that it had written whole has been read; another process can connect and go on writing."
            : $"Process {process}, which read from the ring '{_ring}', ended while the ring is full. Another process can connect and go on reading where it stopped.");
    }

    private void TakeLocked()
    {
        ulong owner = Volatile.Read(ref _cell->Owner);
        if (owner == _owner)
            return;
        if (owner != 0 && IsAlive(_cell, owner))
            throw Taken(ProcessOf(owner));
        // While the cell is free its start time means nothing, so nobody pairs one owner with another's.
        Volatile.Write(ref _cell->Owner, 0);
        Volatile.Write(ref _cell->StartTime, ProcessMark.Current.StartTime);
        Volatile.Write(ref _cell->Owner, _owner);
    }

    private static bool IsAlive(RoleCell* cell, ulong owner) =>
        new ProcessMark(ProcessOf(owner), Volatile.Read(ref cell->StartTime)).IsAlive;

    private static int ProcessOf(ulong owner) => (int)(uint)owner;

    private void LockMemory()
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (FileIO.TryLock(_memory.File) is < 0 and var result)
        {
            if (KernelResult.ErrnoOf(result) != Errno.EAGAIN)
                throw new SystemCallException("flock", KernelResult.ErrnoOf(result), $"the ring '{_ring}'");
            if (watch.Elapsed > Patience)
            {
                throw new MemToolsException(
                    ErrorKind.Busy, $"Another process has had the lock of the ring '{_ring}' for seconds; it seems to be stopped.");
            }

            Thread.Sleep(Turn);
        }
    }

    private MemToolsException Taken(int process)
    {
        string verb = _writes ? "writes to" : "reads from";
        string noun = _writes ? "producer" : "consumer";
        string who = process == Environment.ProcessId
            ? "another object of this process"
            : string.Create(CultureInfo.InvariantCulture, $"process {process}");
        return new(
            ErrorKind.Busy,
            $"The ring '{_ring}' has one {noun} at a time, and {who} {verb} it. It is free when that one disconnects (Disconnect-RingBuffer) or ends.");
    }

    private static ulong OwnerOf(int process, uint attachment) => ((ulong)attachment << 32) | (uint)process;
}
