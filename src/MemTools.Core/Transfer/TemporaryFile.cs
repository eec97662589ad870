using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer;

/// <summary>
/// An unfinished file in the destination's directory that takes the destination's name in one step. Nameless
/// (O_TMPFILE) it vanishes by itself when the process dies; with a name it is locked by its owner for as long as
/// that lives, so that a later run can tell a leftover from work in progress. In a directory that has no name itself yet
/// (<see cref="StagedDirectory"/>) it has the destination's name from the beginning.
/// </summary>
internal sealed class TemporaryFile : DestinationWriter
{
    private const int MostTries = 100;

    private readonly DestinationEntry _entry;
    private readonly bool _replace;
    private readonly FileStatus _status;
    private bool _isStaged;
    private bool _locked;
    private bool _kept;
    private NativePath? _name;
    private bool _linkedOver;

    [MethodImpl(Compilation.AtOnce)]
    private TemporaryFile(Descriptor file, DestinationEntry entry, NativePath? name, bool replace, FileStatus status)
        : base(file, entry.Path)
    {
        _entry = entry;
        _name = name;
        _replace = replace;
        _status = status;
        _locked = name is not null;
    }

    internal override bool IsScratch => true;

    internal override bool IsRegular => true;

    internal override string Replacement => _entry.Exists || _linkedOver ? "Renamed" : "New";

    internal override ulong Device => Status.Device;

    internal bool IsNameless => _name is null;

    /// <summary>Whether it was made by this run, so that nothing but what this run does has changed it since.</summary>
    internal bool IsFresh { get; private init; } = true;

    protected override long Reusable =>
        _kept && FileMetadata.Status(File, out Statx now) == 0 ? now.AllocatedBytes : 0;

    /// <summary>
    /// The status when it was made: owner, group and mode as the directory and umask would have them. Its inode number
    /// is its own only where the context remembers what was written.
    /// </summary>
    internal ref readonly Statx Status => ref _status.Value;

    /// <param name="entry">The destination.</param>
    /// <param name="mode">Permission bits, before umask.</param>
    /// <param name="replace">False where a destination that appears meanwhile is to be left alone.</param>
    /// <param name="file">The file, or null where the result is an errno.</param>
    internal static long TryCreate(DestinationEntry entry, uint mode, bool replace, out TemporaryFile? file)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive;
        file = null;
        for (int i = 0; i < MostTries; i++)
        {
            NativePath name = TemporaryName.For(entry.Name);
            long result = FileIO.TryOpen(entry.Directory, name, flags, mode, out Descriptor? opened);
            if (KernelResult.ErrnoOf(result) == Errno.EEXIST)
                continue;
            if (result < 0)
                return result;
            bool lockedByOther = IsLockedByOther(opened!);
            long known = FileMetadata.Status(opened!, out Statx status);
            if (known == 0 && !lockedByOther && status.LinkCount > 0)
            {
                file = new(opened!, entry, name, replace, new(status));
                return 0;
            }

            if (known < 0)
                _ = DirectoryEntries.Remove(entry.Directory, name);
            opened!.Dispose();
            SystemCallException.Check(known, "statx", entry.Path);
        }

        return -(long)Errno.EEXIST;
    }

    /// <summary>Makes one without a name (O_TMPFILE), which nobody else can open; null where that cannot be had.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static TemporaryFile? TryCreateNameless(DestinationEntry entry, uint mode, bool replace, CopyContext context)
    {
        int flags = OpenFlags.Nameless | OpenFlags.ReadWrite;
        // Old kernels and some file systems (NFS, vfat) refuse in various ways; a real reason shows again with a name.
        if (FileIO.TryOpen(entry.Directory, DestinationFolder.Itself, flags, mode, out Descriptor? opened) < 0)
            return null;
        if (context.TryStatusOfNew(opened!, entry, mode, out FileStatus status) >= 0)
            return new(opened!, entry, name: null, replace, status);
        opened!.Dispose();
        return null;
    }

    /// <summary>Makes one under the destination's name, in a directory that nobody looks into yet.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal static long TryCreateStaged(DestinationEntry entry, uint mode, CopyContext context, out TemporaryFile? file)
    {
        const int flags = OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive;
        file = null;
        long result = FileIO.TryOpen(entry.Directory, entry.Name, flags, mode, out Descriptor? opened);
        if (KernelResult.ErrnoOf(result) == Errno.EEXIST)
            throw NameClaims.TakenForOne(entry.Path);
        if (result < 0)
            return result;
        long known = context.TryStatusOfNew(opened!, entry, mode, out FileStatus status);
        file = new(opened!, entry, entry.Name, replace: false, status) { _locked = false, _isStaged = true };
        if (known < 0)
            file.Dispose();
        SystemCallException.Check(known, "statx", entry.Path);
        return 0;
    }

    /// <summary>A file that a killed or failed run leaves behind on purpose (-Resume), locked.</summary>
    internal static TemporaryFile Partial(Descriptor file, DestinationEntry entry, NativePath name, bool replace, in Statx status) =>
        new(file, entry, name, replace, new(status)) { IsFresh = false, _kept = true };

    /// <summary>Cuts what an interrupted run left to what of it is the source's, and tells how much that is.</summary>
    internal long Resume(CopyEnd source, long length, CancellationToken stop) =>
        Status.Length == 0 ? 0 : KeepCommon(source, length, stop);

    private long KeepCommon(CopyEnd source, long length, CancellationToken stop)
    {
        CopyEnd self = new(File, Path, HasPositions: true, CanBeCut: true);
        long same = Jobs.SameContent.CommonPrefix(source, self, Math.Min(length, Status.Length), stop);
        // Whole pieces, so that block and direct I/O go on where they like to; all of it where nothing is missing.
        long present = same == length ? same : same & -PieceSize.First;
        SystemCallException.Check(FileIO.Truncate(File, present), "ftruncate", Path);
        return present;
    }

    /// <summary>Makes it go with its owner, whatever it was made for: its content is not to be gone on from.</summary>
    internal void Discard() => _kept = false;

    internal override string AfterFailure(bool touched)
    {
        string kept = _kept && touched ? $", and what was done is kept as '{_name}' for -Resume" : string.Empty;
        return (_entry.Exists ? $"'{Path}' is as it was" : $"'{Path}' was not created") + kept;
    }

    [MethodImpl(Compilation.AtOnce)]
    internal override void Reserve(long offset, long length, CancellationToken stop)
    {
        // ext4 puts late-allocated blocks on the disk before a rename over an existing file, which spares many an
        // empty file after a power loss. Blocks allocated beforehand would do away with that, so only new files get them.
        if (!_entry.Exists)
            BlockReservation.Make(File, offset, length, stop);
    }

    [MethodImpl(Compilation.AtOnce)]
    protected override void PutInPlace()
    {
        if (_isStaged)
            _name = null;
        else if (_name is not null || TryLink())
            RenameIntoPlace();
    }

    [MethodImpl(Compilation.AtOnce)]
    public override void Dispose()
    {
        if (_name is not null || _locked)
            GiveUpName();
        base.Dispose();
    }

    private void GiveUpName()
    {
        // Removed while it is still locked: nobody else will have taken it for a leftover and removed another's.
        if (_name is { } name && !(_kept && HoldsSomething()))
            Remove(name);
        _name = null;
        // .NET takes a locked file for one in use, and would refuse to open the new destination.
        if (_locked)
            FileIO.Unlock(File);
    }

    private bool HoldsSomething() => FileMetadata.Status(File, out Statx now) == 0 && now.Length > 0;

    private void Remove(NativePath name)
    {
        long removed = DirectoryEntries.Remove(_entry.Directory, name);
        // Removing a name takes room too (copy on write, quotas, FUSE): giving back that of the content makes some.
        // After any other error the content stays: a rename that was reported as failed may have been done (NFS).
        if (KernelResult.ErrnoOf(removed) is Errno.ENOSPC or Errno.EDQUOT)
        {
            _ = FileIO.Truncate(File, 0);
            removed = DirectoryEntries.Remove(_entry.Directory, name);
        }

        if (removed < 0 && KernelResult.ErrnoOf(removed) != Errno.ENOENT && _isStaged)
            _entry.Pass!.Spoil();
    }

    /// <summary>
    /// Locks a new file. Another run that looks for leftovers may have come first, between creation and lock: then it
    /// holds the lock, or has removed the name already.
    /// </summary>
    private static bool IsLockedByOther(Descriptor file) =>
        // ENOLCK, EOPNOTSUPP: a file system without locks. Nobody can lock there, so nobody takes it for a leftover.
        KernelResult.ErrnoOf(FileIO.TryLock(file)) == Errno.EAGAIN;

    /// <summary>Links a nameless file into place. True where a name is taken and has to be renamed over.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool TryLink()
    {
        long linked = DirectoryEntries.LinkOpenFile(File, _entry.Directory, _entry.Name);
        if (KernelResult.ErrnoOf(linked) != Errno.EEXIST)
        {
            SystemCallException.Check(linked, "linkat", Path);
            return false;
        }

        if (!_replace)
            throw AlreadyExists();
        _locked = FileIO.TryLock(File) == 0;
        NativePath name = TemporaryName.For(_entry.Name);
        SystemCallException.Check(DirectoryEntries.LinkOpenFile(File, _entry.Directory, name), "linkat", Path);
        _name = name;
        _linkedOver = true;
        return true;
    }

    private void RenameIntoPlace()
    {
        // RENAME_NOREPLACE costs nothing but is not known everywhere (NFS, old FUSE: EINVAL), so it is used where needed.
        long renamed = DirectoryEntries.Rename(_entry.Directory, _name!.Value, _entry.Name, _replace);
        if (!_replace && KernelResult.ErrnoOf(renamed) == Errno.EEXIST)
            throw AlreadyExists();
        if (!_replace && KernelResult.ErrnoOf(renamed) == Errno.EINVAL)
        {
            // link(2) never replaces either; the temporary name is then removed by Dispose.
            long linked = DirectoryEntries.Link(_entry.Directory, _name.Value, _entry.Directory, _entry.Name);
            if (KernelResult.ErrnoOf(linked) == Errno.EEXIST)
                throw AlreadyExists();
            bool hasNoLinks = KernelResult.ErrnoOf(linked) is Errno.EPERM or Errno.EOPNOTSUPP or Errno.ENOSYS;
            if (!hasNoLinks || !_entry.MustBeNew)
            {
                SystemCallException.Check(linked, "linkat", Path);
                return;
            }

            // Neither call (FUSE, without links): then looking has to do.
            if (FileMetadata.Status(_entry.Directory, _entry.Name, MetadataCalls.AtNoFollow, out _) == 0)
                throw AlreadyExists();
            renamed = DirectoryEntries.Rename(_entry.Directory, _name.Value, _entry.Name, replace: true);
        }

        SystemCallException.Check(renamed, "renameat2", Path);
        _name = null;
    }

    private TransferException AlreadyExists() => _entry.MustBeNew
        ? NameClaims.TakenForOne(Path)
        : new(ErrorKind.AlreadyExists, $"'{Path}' exists, and -NoClobber leaves it alone.");
}
