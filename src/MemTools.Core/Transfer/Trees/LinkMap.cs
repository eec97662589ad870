using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// The files of a tree that have several names (-Preserve HardLinks): where the first copy is, so that the other names
/// become links to it. Only files with several names are in it, and only until the last of them has been seen.
/// </summary>
internal sealed class LinkMap
{
    private readonly Dictionary<(ulong Device, ulong Inode), Group> _groups = [];

    /// <summary>What is to become of a name.</summary>
    internal enum Turn
    {
        /// <summary>It is the first: copy it, and call <see cref="Finish"/>.</summary>
        Copy,

        /// <summary>Link it to the copy.</summary>
        Link,

        /// <summary>Another worker is copying the file, and will hand the name back.</summary>
        Wait,
    }

    /// <summary>Takes a name's turn.</summary>
    /// <param name="file">The source file.</param>
    /// <param name="directory">Where the name stands.</param>
    /// <param name="name">The name.</param>
    /// <param name="first">The copy to link to.</param>
    internal Turn Take(in Statx file, TreeDirectory directory, NativePath name, out (TreeDirectory Directory, NativePath Name) first)
    {
        lock (_groups)
        {
            first = default;
            (ulong, ulong) key = (file.Device, file.Inode);
            if (!_groups.TryGetValue(key, out Group? group))
            {
                _groups.Add(key, new() { NamesLeft = file.LinkCount });
                return Turn.Copy;
            }

            if (group.First is not { } copy)
            {
                directory.AddPending();
                group.Waiting.Add((directory, name));
                return Turn.Wait;
            }

            first = copy;
            if (--group.NamesLeft <= 1)
                _groups.Remove(key);
            return Turn.Link;
        }
    }

    /// <summary>
    /// Takes note of a name whose copy is there already, so that other names become links to it. False where another
    /// name came first.
    /// </summary>
    internal bool TryKeep(in Statx file, TreeDirectory directory, NativePath name)
    {
        lock (_groups)
            return _groups.TryAdd((file.Device, file.Inode), new() { NamesLeft = file.LinkCount, First = (directory, name) });
    }

    /// <summary>Says that the first name was copied, or was not; the names that waited come back.</summary>
    internal IReadOnlyList<(TreeDirectory Directory, NativePath Name)> Finish(
        in Statx file, (TreeDirectory Directory, NativePath Name)? copy)
    {
        lock (_groups)
        {
            (ulong, ulong) key = (file.Device, file.Inode);
            if (!_groups.TryGetValue(key, out Group? group))
                return [];
            List<(TreeDirectory, NativePath)> waiting = group.Waiting;
            if (copy is null)
                _groups.Remove(key);
            else
                (group.First, group.Waiting) = (copy, []);
            return waiting;
        }
    }

    private sealed class Group
    {
        internal uint NamesLeft { get; set; }

        internal (TreeDirectory Directory, NativePath Name)? First { get; set; }

        internal List<(TreeDirectory Directory, NativePath Name)> Waiting { get; set; } = [];
    }
}
