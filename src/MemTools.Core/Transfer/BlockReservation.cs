using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// Allocates blocks before they are written. ext4 otherwise books every block singly as it is dirtied, and gives up
/// booking, to write at once, where what is dirty nears what is free. Other file systems gain nothing or lose.
/// </summary>
internal static class BlockReservation
{
    private const long Ext4 = 0xEF53;
    /// <summary>Below this the call costs about what it saves.</summary>
    private const long MadeFrom = 1024 * 1024;

    /// <summary>How much one call takes: a few milliseconds, for which a request to stop waits.</summary>
    private const long Stretch = 1024 * 1024 * 1024;

    /// <summary>Reserves a range as far as the file system will: where it will not, writing shows why.</summary>
    internal static void Make(Descriptor file, long offset, long length, CancellationToken stop)
    {
        if (length >= MadeFrom)
            MakeWhereItHelps(file, offset, length, stop);
    }

    private static void MakeWhereItHelps(Descriptor file, long offset, long length, CancellationToken stop)
    {
        if (FileMetadata.FileSystem(file, out StatFs system) < 0 || system.Type != Ext4)
            return;
        for (long done = 0; done < length; done += Stretch)
        {
            stop.ThrowIfCancellationRequested();
            if (FileIO.Allocate(file, FileCalls.KeepSize, offset + done, Math.Min(Stretch, length - done)) < 0)
                return;
        }
    }
}
