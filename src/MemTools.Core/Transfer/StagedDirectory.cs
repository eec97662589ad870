using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer;

/// <summary>
/// A new directory under a temporary name, locked by its owner for as long as that lives. Files are made in it under their
/// own names; as no path that anybody asked for leads there, none leads to a file that is not whole. When they are all
/// there it takes its name in one step. It holds no directories, so that what a killed owner left is soon removed.
/// </summary>
internal sealed class StagedDirectory
{
    private const int MostTries = 100;

    private static readonly int Flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;

    private readonly Descriptor _parent;
    private readonly NativePath _temporary;
    private readonly NativePath _name;

    private StagedDirectory(Descriptor parent, NativePath name, NativePath temporary, Descriptor directory)
    {
        _parent = parent;
        _name = name;
        _temporary = temporary;
        Directory = directory;
    }

    /// <summary>Takes a name that could not be moved, and its errno.</summary>
    internal delegate void NotMoved(NativePath name, Errno errno);

    /// <summary>Open for listing; the owner's to close.</summary>
    internal Descriptor Directory { get; }

    /// <summary>Makes one, or null where that cannot be done.</summary>
    /// <param name="parent">Where; stays open for as long as this has not taken its name.</param>
    /// <param name="name">The name that it is to have.</param>
    /// <param name="mode">Permission bits, before umask.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal static StagedDirectory? TryCreate(Descriptor parent, NativePath name, uint mode)
    {
        for (int i = 0; i < MostTries; i++)
        {
            NativePath temporary = TemporaryName.For(name);
            long made = DirectoryEntries.Make(parent, temporary, mode);
            if (KernelResult.ErrnoOf(made) == Errno.EEXIST)
                continue;
            if (made < 0)
                return null;
            if (TryOpenLocked(parent, temporary, out Descriptor? directory))
                return new(parent, name, temporary, directory!);
        }

        return null;
    }

    /// <summary>Gives it its name; EEXIST where that is taken.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal long TakeName()
    {
        long renamed = DirectoryEntries.Rename(_parent, _temporary, _name, replace: false);
        if (renamed >= 0)
            FileIO.Unlock(Directory);
        return renamed;
    }

    /// <summary>Moves what is in it into a directory that has come by its name, and removes it.</summary>
    /// <param name="other">The other directory.</param>
    /// <param name="refused">Told of each name that could not be moved. The file is removed.</param>
    internal void MoveInto(Descriptor other, NotMoved refused)
    {
        // Again where a file that was under way came after the listing.
        for (int i = 0; i < MostTries; i++)
        {
            foreach (NativePath name in NamesIn(Directory))
            {
                long moved = DirectoryEntries.Move(Directory, name, other, name);
                if (moved >= 0)
                    continue;
                refused(name, KernelResult.ErrnoOf(moved));
                _ = DirectoryEntries.Remove(Directory, name);
            }

            if (KernelResult.ErrnoOf(DirectoryEntries.RemoveDirectory(_parent, _temporary)) is not (Errno.ENOTEMPTY or Errno.EEXIST))
                return;
        }
    }

    /// <summary>Removes it with all that is in it.</summary>
    internal void Remove() => Remove(_parent, _temporary, Directory);

    /// <summary>Removes one whose owner is dead; leaves alone what is in use, or is none of ours for it holds directories.</summary>
    /// <param name="parent">Where it stands.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="source">A file about to be copied; where that is in it, it stays.</param>
    internal static void RemoveIfAbandoned(Descriptor parent, NativePath name, in Statx source)
    {
        if (FileIO.TryOpen(parent, name, Flags, 0, out Descriptor? directory) < 0)
            return;
        using (directory)
        {
            // With the lock held: its owner may have given it its name meanwhile, and another one may have got this.
            if (FileIO.TryLock(directory!) == 0 && IsNamed(directory!, parent, name) && MayGo(directory!, source))
                Remove(parent, name, directory!);
        }
    }

    private static bool TryOpenLocked(Descriptor parent, NativePath temporary, out Descriptor? directory)
    {
        // Another run that looks for leftovers may have come first, between making and locking: then it holds the lock, or
        // has removed the directory.
        if (FileIO.TryOpen(parent, temporary, Flags, 0, out directory) < 0)
        {
            _ = DirectoryEntries.RemoveDirectory(parent, temporary);
            return false;
        }

        if (KernelResult.ErrnoOf(FileIO.TryLock(directory!)) != Errno.EAGAIN
            && FileMetadata.Status(directory!, out Statx status) == 0 && status.LinkCount > 0)
            return true;
        directory!.Dispose();
        return false;
    }

    private static bool IsNamed(Descriptor directory, Descriptor parent, NativePath name) =>
        FileMetadata.Status(directory, out Statx opened) == 0
        && FileMetadata.Status(parent, name, MetadataCalls.AtNoFollow, out Statx named) == 0
        && named.IsSameFile(opened);

    private static bool MayGo(Descriptor directory, in Statx source)
    {
        foreach (NativePath name in NamesIn(directory))
        {
            if (FileMetadata.Status(directory, name, MetadataCalls.AtNoFollow, out Statx status) < 0 || status.IsDirectory || status.IsSameFile(source))
                return false;
        }

        return true;
    }

    private static void Remove(Descriptor parent, NativePath name, Descriptor directory)
    {
        foreach (NativePath one in NamesIn(directory))
            _ = DirectoryEntries.Remove(directory, one);
        _ = DirectoryEntries.RemoveDirectory(parent, name);
    }

    private static List<NativePath> NamesIn(Descriptor directory)
    {
        List<NativePath> names = [];
        _ = FileIO.Seek(directory, 0, FileCalls.SeekSet);
        _ = DirectoryEntries.ListNames(directory, names);
        return names;
    }
}
