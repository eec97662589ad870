using System.Runtime.CompilerServices;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Files with several names whose copies are up to date (-Preserve HardLinks): all names of one source file have to be
/// names of one copy, else they are linked anew.
/// </summary>
internal sealed class LinkedCopies(bool wanted)
{
    private readonly Dictionary<(ulong Device, ulong Inode), (ulong Device, ulong Inode)> _copies = [];

    /// <summary>Whether an up-to-date copy can stay as it is.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Keeps(in TreeItem item)
    {
        ref readonly Statx source = ref item.Source;
        if (!wanted || source.LinkCount < 2)
            return true;
        ref readonly Statx existing = ref item.Destination.Existing;
        (ulong, ulong) copy = (existing.Device, existing.Inode);
        TreeDirectory directory = item.Directory.Directory;
        lock (_copies)
        {
            if (directory.Links.TryKeep(source, directory, item.Destination.Name))
            {
                _copies[(source.Device, source.Inode)] = copy;
                return true;
            }

            return _copies.TryGetValue((source.Device, source.Inode), out (ulong, ulong) first) && first == copy;
        }
    }
}
