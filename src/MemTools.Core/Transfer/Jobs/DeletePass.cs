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

    /// <summary>Takes one name that is to go; false where it stays.</summary>
    private delegate bool TakeName(Descriptor parent, NativePath name, NativePath relative, in Statx status);

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
        foreach (NativePath extra in _extras)
        {
            _silent = true;
            Reach(extra, (parent, name) => CountTree(parent, name, extra, ref count));
            _silent = false;
        }

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
            CountTree(parent, name, relative, ref count);
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

    /// <summary>Counts a name and all below it that would go, as far as one needs to know.</summary>
    private void CountTree(Descriptor parent, NativePath name, NativePath relative, ref long count)
    {
        long counted = count;
        _silent = true;
        Walk(parent, name, relative, () => counted > _left, (Descriptor _, NativePath _, NativePath _, in Statx _) =>
        {
            counted++;
            return true;
        });
        _silent = false;
        count = counted;
    }

    /// <summary>Removes a name and all below it; true where nothing is left of it.</summary>
    private bool RemoveTree(Descriptor parent, NativePath name, NativePath relative) =>
        Walk(parent, name, relative, static () => false, Remove);

    /// <summary>
    /// Goes through a name and all below it, each directory after what is in it. It keeps the levels itself: a tree may be
    /// deeper than a thread's stack.
    /// </summary>
    /// <returns>Whether everything was taken.</returns>
    private bool Walk(Descriptor parent, NativePath name, NativePath relative, Func<bool> isEnough, TakeName take)
    {
        Stack<DeleteLevel> levels = new([DeleteLevel.Above(parent, name)]);
        try
        {
            while (true)
            {
                _stop.ThrowIfCancellationRequested();
                DeleteLevel level = levels.Peek();
                if (level.TryNext(out NativePath child) && !isEnough())
                {
                    Step(levels, child, levels.Count == 1 ? relative : level.Relative.Append(child), take);
                    continue;
                }

                levels.Pop().Dispose();
                if (levels.Count == 0)
                    return level.IsEmptied;
                DeleteLevel above = levels.Peek();
                above.IsEmptied &= level.IsEmptied && take(above.Directory, level.Name, level.Relative, level.Status);
            }
        }
        finally
        {
            foreach (DeleteLevel level in levels)
                level.Dispose();
        }
    }

    /// <summary>Takes one name, or goes down into it.</summary>
    private void Step(Stack<DeleteLevel> levels, NativePath name, NativePath relative, TakeName take)
    {
        DeleteLevel level = levels.Peek();
        if (!TryLook(level.Directory, name, relative, out Statx status))
            return;
        if (_rules.IsProtected(relative, status))
            level.IsEmptied = false;
        else if (!status.IsDirectory)
            level.IsEmptied &= take(level.Directory, name, relative, status);
        else if (TryEnterWhole(level.Directory, name, relative, status) is { } directory)
            levels.Push(DeleteLevel.Of(directory, name, relative, status, Children(directory, relative)));
        else
            level.IsEmptied = false;
    }

    /// <summary>Opens a directory that is to go; null, and told, where a mount or something else forbids that.</summary>
    private Descriptor? TryEnterWhole(Descriptor parent, NativePath name, NativePath relative, in Statx status)
    {
        if (!IsOtherMount(status))
            return Enter(parent, name, relative);
        Fail(-(long)Errno.EBUSY, "unlinkat", relative);
        return null;
    }

    private bool Remove(Descriptor parent, NativePath name, NativePath relative, in Statx status)
    {
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

    private List<NativePath> Children(Descriptor directory, NativePath relative)
    {
        List<NativePath> names = [];
        long listed = DirectoryEntries.ListNames(directory, names);
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
