using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Removes from a destination what its source no longer has. What is to go is collected while the trees are compared,
/// counted when that has ended, and only then removed: all of it, or nothing where it is more than it may be. Names are
/// removed by descriptor, step by step from the destination's root, so that no link leads anywhere else.
/// </summary>
internal sealed class DeletePass
{
    private readonly Descriptor _root;
    private readonly NativePath _rootPath;
    private readonly DeleteRules _rules;
    private readonly CancellationToken _stop;
    private readonly Statx _rootStatus;
    private readonly List<NativePath> _extras = [];
    private long _left;

    /// <summary>While it counts: what fails then fails again when it is to go, and is told of once.</summary>
    private bool _silent;

    /// <param name="root">The destination, open.</param>
    /// <param name="rootPath">Its path, for messages.</param>
    /// <param name="rules">What may be removed, and who is told.</param>
    /// <param name="stop">Ends it early.</param>
    internal DeletePass(Descriptor root, NativePath rootPath, DeleteRules rules, CancellationToken stop)
    {
        _root = root;
        _rootPath = rootPath;
        _rules = rules;
        _stop = stop;
        _rootStatus = FileMetadata.StatusOf(root, rootPath);
        _left = rules.Most;
    }

    /// <summary>Takes note of something that the source does not have; from any thread.</summary>
    /// <param name="relative">Its path from the root.</param>
    internal void Add(NativePath relative)
    {
        lock (_extras)
            _extras.Add(relative);
    }

    /// <summary>How many names would go, counted to one more than may go.</summary>
    internal long Count()
    {
        long count = 0;
        _silent = true;
        foreach (NativePath extra in _extras)
            Reach(extra, (parent, name) => CountTree(parent, name, extra, ref count));
        _silent = false;
        return count;
    }

    /// <summary>Removes everything, unless it is more than may go.</summary>
    /// <exception cref="TransferException">DeletionRefused: nothing was removed.</exception>
    internal void Run()
    {
        if (_rules.Most < long.MaxValue && Count() > _left)
        {
            throw new TransferException(
                ErrorKind.DeletionRefused,
                $"More than {_rules.Most} items of '{_rootPath}' are not in the source, and -MaximumDelete {_rules.Most} allows no more: none of them was removed. Check the source, then raise -MaximumDelete.");
        }

        foreach (NativePath extra in _extras)
        {
            _stop.ThrowIfCancellationRequested();
            if (_rules.Approves(FullPath(extra)))
                Reach(extra, (parent, name) => RemoveKeepingTimes(parent, name, extra));
        }
    }

    /// <summary>Removes one thing that stands in the way of a copy, at once; false where that is more than may go.</summary>
    internal bool Clear(Descriptor parent, NativePath name, NativePath relative)
    {
        lock (_extras)
        {
            long count = 0;
            _silent = true;
            CountTree(parent, name, relative, ref count);
            _silent = false;
            return count <= _left && RemoveTree(parent, name, relative);
        }
    }

    /// <summary>The directory had its source's times when the trees were compared, and is to have them still.</summary>
    private void RemoveKeepingTimes(Descriptor parent, NativePath name, NativePath relative)
    {
        bool known = FileMetadata.Status(parent, out Statx before) == 0;
        _ = RemoveTree(parent, name, relative);
        if (known && _rules.KeepsTimes)
            _ = FileMetadata.SetTimes(parent, before.AccessTime, before.ModifyTime);
    }

    private NativePath FullPath(NativePath relative) => _rootPath.Append(relative);

    /// <summary>Opens the directory in which a name stands; without a word where the way there is gone.</summary>
    private void Reach(NativePath relative, Action<Descriptor, NativePath> visit)
    {
        ReadOnlySpan<byte> way = relative.Bytes;
        Descriptor directory = _root;
        try
        {
            for (int slash; (slash = way.IndexOf((byte)'/')) >= 0; way = way[(slash + 1)..])
            {
                Descriptor? next = Enter(directory, NativePath.From(way[..slash]), relative);
                if (directory != _root)
                    directory.Dispose();
                if (next is null)
                    return;
                directory = next;
            }

            visit(directory, NativePath.From(way));
        }
        finally
        {
            if (directory != _root)
                directory.Dispose();
        }
    }

    /// <summary>Opens a directory below the root, never through a link nor onto another mount.</summary>
    private Descriptor? Enter(Descriptor parent, NativePath name, NativePath relative)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow | OpenFlags.NonBlocking;
        long opened = FileIO.TryOpen(parent, name, flags, 0, out Descriptor? directory);
        if (opened < 0)
        {
            Fail(opened, "openat", relative);
            return null;
        }

        if (FileMetadata.Status(directory!, out Statx status) == 0 && !IsOtherMount(status))
            return directory;
        directory!.Dispose();
        Fail(-(long)Errno.EXDEV, "unlinkat", relative);
        return null;
    }

    private bool IsOtherMount(in Statx status) =>
        status.Device != _rootStatus.Device
        || (status.Attributes & status.AttributesMask & Statx.AttributeMountRoot) != 0;

    private void CountTree(Descriptor parent, NativePath name, NativePath relative, ref long count)
    {
        _stop.ThrowIfCancellationRequested();
        if (count > _left || !TryLook(parent, name, relative, out Statx status))
            return;
        if (_rules.IsProtected(relative, status))
            return;
        count++;
        if (!status.IsDirectory || IsOtherMount(status))
            return;
        using Descriptor? directory = Enter(parent, name, relative);
        if (directory is null)
            return;
        foreach (NativePath child in Children(directory, relative))
            CountTree(directory, child, relative.Append(child), ref count);
    }

    /// <summary>Removes a name and all below it; true where nothing is left of it.</summary>
    private bool RemoveTree(Descriptor parent, NativePath name, NativePath relative)
    {
        _stop.ThrowIfCancellationRequested();
        if (!TryLook(parent, name, relative, out Statx status))
            return true;
        if (_rules.IsProtected(relative, status))
            return false;
        if (status.IsDirectory && !Empty(parent, name, relative, status))
            return false;
        // What came between the count and now does not go: never more than may go.
        if (_left-- <= 0)
            return false;
        long removed = status.IsDirectory
            ? DirectoryEntries.RemoveDirectory(parent, name)
            : DirectoryEntries.Remove(parent, name);
        if (removed == 0)
            _rules.OnRemoved(FullPath(relative), status);
        else if (KernelResult.ErrnoOf(removed) != Errno.ENOENT)
            Fail(removed, "unlinkat", relative);
        return removed == 0;
    }

    private bool Empty(Descriptor parent, NativePath name, NativePath relative, in Statx status)
    {
        if (IsOtherMount(status))
        {
            Fail(-(long)Errno.EBUSY, "unlinkat", relative);
            return false;
        }

        using Descriptor? directory = Enter(parent, name, relative);
        if (directory is null)
            return false;
        bool emptied = true;
        foreach (NativePath child in Children(directory, relative))
            emptied &= RemoveTree(directory, child, relative.Append(child));
        return emptied;
    }

    private List<NativePath> Children(Descriptor directory, NativePath relative)
    {
        List<NativePath> names = [];
        long listed = DirectoryEntries.List(directory, (name, _) =>
        {
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                names.Add(NativePath.From(name));
        });
        if (listed < 0)
            Fail(listed, "getdents64", relative);
        return names;
    }

    /// <summary>The status of a name; false where it is gone, which is what was wanted.</summary>
    private bool TryLook(Descriptor parent, NativePath name, NativePath relative, out Statx status)
    {
        long found = FileMetadata.Status(parent, name, MetadataCalls.AtNoFollow, out status);
        if (found < 0 && KernelResult.ErrnoOf(found) != Errno.ENOENT)
            Fail(found, "statx", relative);
        return found == 0;
    }

    private void Fail(long result, string call, NativePath relative)
    {
        if (!_silent)
            _rules.OnFailed(FullPath(relative), new(call, KernelResult.ErrnoOf(result), FullPath(relative).ToString()));
    }
}
