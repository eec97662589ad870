using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Which files of a destination directory are copies that this run made or found, where two names may be one file: the
/// second of them would overwrite what the first has become. Whoever works on a name there holds the lock of this.
/// </summary>
internal sealed class NameClaims
{
    private readonly Dictionary<(ulong Device, ulong Inode), NativePath> _claims = [];

    /// <summary>Takes the file that a name stands for; throws where another name has taken it.</summary>
    /// <exception cref="TransferException">WouldOverwrite.</exception>
    internal void Claim(in Statx file, NativePath name, NativePath path)
    {
        (ulong, ulong) key = (file.Device, file.Inode);
        if (_claims.TryAdd(key, name) || _claims[key].Bytes.SequenceEqual(name.Bytes))
            return;
        // Several names of one file may be meant (hard links), unless only the case of their letters differs.
        if (file.IsDirectory || file.LinkCount < 2 || AreAlike(_claims[key], name))
            throw TakenForOne(path);
    }

    /// <summary>Takes the file that a name has become.</summary>
    internal void Claim(DestinationEntry entry)
    {
        if (FileMetadata.Status(entry.Directory, entry.Name, MetadataCalls.AtNoFollow, out Statx made) == 0)
            _claims[(made.Device, made.Inode)] = entry.Name;
    }

    internal static TransferException TakenForOne(NativePath path) => TakenForOne(path.ToString());

    internal static TransferException TakenForOne(string path) => new(
        ErrorKind.WouldOverwrite,
        $"'{path}' has just been written from another source: the file system takes two names for one, or another program was quicker.");

    /// <summary>Whether two names differ in the case of letters only.</summary>
    internal static bool AreAlike(NativePath one, NativePath other) =>
        string.Equals(one.ToString(), other.ToString(), StringComparison.OrdinalIgnoreCase);
}
