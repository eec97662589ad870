using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// Removes the unfinished files and directories that a killed run left in a directory. Whoever works on one holds its
/// lock, and the kernel lets go of the lock when the owner dies.
/// </summary>
internal static class LeftoverSweeper
{
    /// <summary>Takes one name.</summary>
    internal delegate void SeeName(ReadOnlySpan<byte> name);

    /// <summary>Sweeps a directory; without a word where it cannot be listed, for copying does not need that.</summary>
    /// <param name="directory">The directory, open by path.</param>
    /// <param name="source">The file about to be copied, which stays whatever it is called.</param>
    /// <param name="seen">Told of every name that is there.</param>
    /// <returns>Whether the directory could be listed to its end.</returns>
    internal static bool Sweep(Descriptor directory, in Statx source, SeeName? seen = null)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory;
        if (FileIO.TryOpen(directory, DestinationFolder.Itself, flags, 0, out Descriptor? listing) < 0)
            return false;
        using (listing)
            return SweepListed(listing!, source, seen);
    }

    /// <summary>The same for a directory that is open for reading, which nobody has listed or lists after it.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static bool SweepListed(Descriptor directory, in Statx source, SeeName? seen = null)
    {
        List<(NativePath Name, byte Type)>? found = null;
        long listed = DirectoryEntries.List(directory, (name, type) =>
        {
            seen?.Invoke(name);
            bool mayBeOurs = type is DirectoryCalls.EntryTypeRegular or DirectoryCalls.EntryTypeDirectory or DirectoryCalls.EntryTypeUnknown;
            if (mayBeOurs && TemporaryName.Matches(name))
                (found ??= []).Add((NativePath.From(name), type));
        });
        if (found is not null)
            RemoveAbandoned(directory, found, source);
        return listed == 0;
    }

    private static void RemoveAbandoned(Descriptor directory, List<(NativePath Name, byte Type)> found, in Statx source)
    {
        foreach ((NativePath name, byte type) in found)
        {
            if (type != DirectoryCalls.EntryTypeDirectory)
                RemoveIfAbandoned(directory, name, source);
            if (type != DirectoryCalls.EntryTypeRegular)
                StagedDirectory.RemoveIfAbandoned(directory, name, source);
        }
    }

    private static void RemoveIfAbandoned(Descriptor directory, NativePath name, in Statx source)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        if (FileIO.TryOpen(directory, name, flags, 0, out Descriptor? file) < 0)
            return;
        using (file)
        {
            if (FileMetadata.Status(file!, out Statx opened) < 0 || !opened.IsRegular || opened.IsSameFile(source)
                || FileIO.TryLock(file!) < 0)
                return;
            // With the lock held: if its owner finished and renamed it meanwhile, the name is gone or another's.
            if (FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx named) == 0 && named.IsSameFile(opened))
                _ = DirectoryEntries.Remove(directory, name);
        }
    }
}
