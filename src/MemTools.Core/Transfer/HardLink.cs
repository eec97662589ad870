using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>A destination that becomes one more name of a copy that this session made (-Preserve HardLinks).</summary>
internal static class HardLink
{
    internal static void Make(DestinationEntry entry, Descriptor firstDirectory, NativePath first, bool replace)
    {
        long linked = DirectoryEntries.Link(firstDirectory, first, entry.Directory, entry.Name);
        if (KernelResult.ErrnoOf(linked) != Errno.EEXIST || !replace)
        {
            SystemCallException.Check(linked, "linkat", entry.Path);
            return;
        }

        NativePath temporary = TemporaryName.For(entry.Name);
        linked = DirectoryEntries.Link(firstDirectory, first, entry.Directory, temporary);
        SystemCallException.Check(linked, "linkat", entry.Path);
        long renamed = DirectoryEntries.Rename(entry.Directory, temporary, entry.Name, replace: true);
        // Renaming one name of a file over another does nothing and succeeds (rename(2)): both names stay.
        _ = DirectoryEntries.Remove(entry.Directory, temporary);
        SystemCallException.Check(renamed, "renameat2", entry.Path);
    }
}
