using System.Security.Cryptography;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>
/// What stands under the name of a file that is sent again: the file itself, where all of it had come and only the result was
/// lost with its connection.
/// </summary>
internal static class FinishedFile
{
    /// <summary>Opens it; null where there is none, or where it has other attributes than the entry brings.</summary>
    internal static CopyEnd? TryOpen(DestinationEntry destination, ReceivedEntry entry)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        // Extended attributes are not compared: a file that brings some is rare, and is sent once more.
        if (!entry.Has(EntryFlags.Again) || entry.AttributeCount > 0 || !destination.Exists || !Agrees(destination.Existing, entry))
            return null;
        if (FileIO.TryOpen(destination.Directory, destination.Name, flags, 0, out Descriptor? file) < 0)
            return null;
        if (FileMetadata.Status(file!, out Statx status) == 0 && Agrees(status, entry))
            return new(file!, destination.Path, HasPositions: true, CanBeCut: true);
        file!.Dispose();
        return null;
    }

    /// <summary>Whether a file whose digest came with its entry stands there already with the same bytes.</summary>
    /// <param name="root">The directory that everything goes to.</param>
    /// <param name="entry">What was sent again.</param>
    internal static bool IsThere(Descriptor root, ReceivedEntry entry)
    {
        if (!entry.Has(EntryFlags.Again) || entry.Digest is not { } digest)
            return false;
        if (BeneathOpen.TryOpen(root, entry.Path, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking, out Descriptor? there) < 0)
            return false;
        using (there)
        {
            if (FileMetadata.Status(there!, out Statx status) < 0 || !status.IsRegular || status.Length != entry.Length)
                return false;
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            using ContentReader reader = new();
            _ = FollowingHash.Append(hash, reader, new(there!, entry.Path, HasPositions: true, CanBeCut: true), 0, entry.Length);
            return hash.GetHashAndReset().AsSpan().SequenceEqual(digest);
        }
    }

    private static bool Agrees(in Statx status, ReceivedEntry entry) =>
        status.IsRegular && status.Length == entry.Length
        && (!entry.Has(EntryFlags.Mode) || (status.Mode & ReceivedMetadata.PermissionBits) == entry.Mode)
        && (!entry.Has(EntryFlags.Times) || status.ModifyTime.Equals(entry.ModifyTime));
}
