using System.Globalization;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Rings;

/// <summary>Opens the memory of a ring through a process that holds it.</summary>
internal static class HeldMemory
{
    /// <summary>PR_GET_DUMPABLE answers so where processes of the same user may look at this one.</summary>
    private const int Dumpable = 1;

    /// <summary>Opens the memory through the first of its holders that can be reached; null where none can.</summary>
    /// <param name="holders">Its living holders.</param>
    /// <param name="flags">How to open it: for reading or for both.</param>
    internal static Descriptor? TryOpen(IReadOnlyList<RingEntry> holders, int flags) =>
        holders.Select(holder => TryOpen(holder, flags)).FirstOrDefault(memory => memory is not null);

    /// <summary>
    /// Opens what the entry says, and nothing else: looked at by O_PATH first, since opening some other file, a device say,
    /// could have effects. Null where it cannot be reached.
    /// </summary>
    private static Descriptor? TryOpen(RingEntry holder, int flags)
    {
        NativePath path = NativePath.From(holder.DescriptorPath);
        _ = FileIO.TryOpen(Descriptor.WorkingDirectory, path, OpenFlags.PathOnly, 0, out Descriptor? seen);
        using (seen)
        {
            if (seen is null || FileMetadata.Status(seen, out Statx status) < 0 || !status.IsRegular || status.Inode != holder.Inode)
                return null;
            // A new open file description, with a lock of its own, of what was looked at.
            NativePath own = NativePath.From(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{seen.Number}"));
            _ = FileIO.TryOpen(Descriptor.WorkingDirectory, own, flags, 0, out Descriptor? memory);
            return memory;
        }
    }

    /// <summary>Refuses to make a ring that nobody could connect to.</summary>
    /// <exception cref="MemToolsException">NotSupported: the kernel hides this process from others of its user.</exception>
    internal static void RequireReachable()
    {
        if (ProcessCalls.Control(ProcessCalls.GetDumpable, 0, 0, 0, 0) == Dumpable)
            return;
        throw new MemToolsException(
            ErrorKind.NotSupported,
            "No other process could connect to a ring of this one: the kernel shows /proc/PID/fd only of processes that may be "
            + "dumped, and this one may not, since its program has file capabilities, is setuid, or asked for that (prctl(2), "
            + "PR_SET_DUMPABLE). Create the ring in a process without these; this one can connect to it.");
    }

    /// <summary>The failure where none of the holders can be reached.</summary>
    internal static MemToolsException Unreachable(string name, IReadOnlyList<RingEntry> holders)
    {
        string who = string.Join(", ", holders.Select(holder => holder.ProcessId));
        return new(
            ErrorKind.PermissionDenied,
            $"The ring '{name}' is held, but no holder can be reached (process {who}): it is in another PID namespace (a container), "
            + "has capabilities that this process lacks, or may not be dumped (prctl(2), PR_SET_DUMPABLE). Connect from a process "
            + "beside the holder, or let one without these create the ring.");
    }
}
