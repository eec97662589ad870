using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// A directory of the source and what it becomes. It is known by its parent and its name, and opened only by them,
/// one component at a time and never through a link: a tree that changes under the walk cannot lead it elsewhere.
/// </summary>
internal sealed class TreeDirectory
{
    private const uint OwnerOnly = 0x1C0;
    private const uint LeftToUmask = 0x1FF;
    private static readonly int DestinationFlags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NoFollow;

    private readonly object _gate = new();
    private readonly TreeRun _run;
    private readonly NativePath _sourceBase;
    private readonly NativePath _destinationBase;
    private readonly bool _isRoot;
    private Descriptor? _source;
    private Descriptor? _destination;
    private Statx _destinationStatus;
    private bool _destinationKnown;
    /// <summary>Whether the destination is open for reading, and this run's alone.</summary>
    private bool _mayList;
    private DestinationNames _names;
    private int _users;
    private bool _isOver;
    private int _pending = 1;
    private int _ownPending = 1;
    private long _position;
    private Stage? _stage;
    /// <summary>The directory that had a temporary name, where another one came by its name first.</summary>
    private Descriptor? _former;
    private TransferException? _lost;

    /// <summary>A pair of open directories in which a run begins.</summary>
    internal TreeDirectory(TreeRun run, Descriptor source, NativePath sourcePath, Descriptor? destination, NativePath destinationPath)
    {
        _run = run;
        _isRoot = true;
        _source = source;
        _sourceBase = sourcePath;
        _destination = destination;
        _destinationBase = destinationPath;
        _destinationKnown = destination is not null;
        Status = FileMetadata.StatusOf(source, sourcePath);
        if (destination is not null)
            _destinationStatus = FileMetadata.StatusOf(destination, destinationPath);
    }

    /// <summary>A directory found in another.</summary>
    /// <param name="parent">Where it was found.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="destinationName">Its name in the destination.</param>
    /// <param name="follow">Whether the name may be a link to it (-Symlink Follow).</param>
    [MethodImpl(Compilation.AtOnce)]
    internal TreeDirectory(TreeDirectory parent, NativePath name, NativePath destinationName, bool follow)
    {
        _run = parent._run;
        Parent = parent;
        Name = name;
        DestinationName = destinationName;
        Follow = follow;
        Depth = parent.Depth + 1;
    }

    internal TreeDirectory? Parent { get; }

    internal NativePath Name { get; }

    internal NativePath DestinationName { get; }

    internal bool Follow { get; }

    internal int Depth { get; }

    /// <summary>The source directory's status when it was first opened.</summary>
    internal Statx Status { get; private set; }

    /// <summary>The destination directory's status when it was first opened; empty where there is none.</summary>
    internal Statx DestinationStatus => _destinationStatus;

    /// <summary>Whether this run made the destination directory.</summary>
    internal bool IsNew { get; private set; }

    /// <summary>Whether the destination directory exists or has been made.</summary>
    internal bool HasDestination => _destinationKnown;

    /// <summary>Whether something kept the walk from seeing all of it.</summary>
    internal bool Incomplete { get; set; }

    /// <summary>Whether its listing has begun.</summary>
    internal bool IsListed { get; set; }

    /// <summary>Whether nothing but what this run makes stands in the destination directory.</summary>
    internal bool IsBare => IsNew || _names == DestinationNames.None;

    /// <summary>Which files of the destination have become copies, where two names may be one file; else null.</summary>
    internal NameClaims? Claims { get; private set; }

    /// <summary>The names seen so far, where the run wants to know what the source lacks.</summary>
    internal HashSet<NativeName>? Names { get; set; }

    /// <summary>The worker that came first; the queue's.</summary>
    internal TreeWorker? Worker { get; set; }

    internal long Started { get; set; }

    /// <summary>Where the copies of the run's files with several names are.</summary>
    internal LinkMap Links => _run.Links;

    /// <summary>What is under way in it, but for the directories in it.</summary>
    internal void AddPending(int count = 1)
    {
        Interlocked.Add(ref _ownPending, count);
        Interlocked.Add(ref _pending, count);
    }

    /// <summary>A directory in it that is to be entered.</summary>
    internal void AddPendingDirectory() => Interlocked.Increment(ref _pending);

    /// <summary>Takes off one of its own. True at the last: what is in it is done, but for the directories.</summary>
    internal bool RemoveOwnPending() => Interlocked.Decrement(ref _ownPending) == 0;

    /// <summary>Takes off one of its own, after <see cref="RemoveOwnPending"/>, or a directory. True at the last: it is complete.</summary>
    internal bool RemovePending() => Interlocked.Decrement(ref _pending) == 0;

    /// <summary>A pass for an entry, where the directory has no name yet; else null.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal StagePass? EnterStage() => Volatile.Read(ref _stage) is { } stage && stage.TryEnter() ? new(this, stage) : null;

    /// <summary>What is to be told now of an entry; null where it waits for the directory's name.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal TreeOutcome? Hold(TreeOutcome outcome, NativePath name)
    {
        if (Volatile.Read(ref _stage) is not { } stage)
            return outcome;
        TreeOutcome? now = stage.Hold(outcome, name, out bool due);
        if (due)
            EndStage();
        return now;
    }

    /// <summary>Puts a directory found in it off until it has its name. False where it has.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryPutOff(TreeDirectory found)
    {
        if (Volatile.Read(ref _stage) is not { } stage)
            return false;
        bool later = stage.TryPutOff(found, out bool due);
        if (due)
            EndStage();
        return later;
    }

    /// <summary>Gives it its name, where it has none yet.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void EndStage()
    {
        if (Volatile.Read(ref _stage) is null)
            return;
        StageEnd? end;
        lock (_gate)
            end = TakeName();
        end?.HandOn(_run);
    }

    /// <summary>Its place among the directories that are open and unused; the budget's.</summary>
    internal LinkedListNode<TreeDirectory>? IdleNode { get; set; }

    /// <summary>Opens it for use. Each lease is to be disposed.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal TreeLease Acquire()
    {
        lock (_gate)
        {
            OpenSource();
            if (_users++ == 0 && !_isRoot)
                _run.Budget.InUse(this);
        }

        return new TreeLease(this);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Release()
    {
        bool idle;
        lock (_gate)
        {
            idle = --_users == 0 && !_isRoot;
            if (idle && _isOver)
            {
                CloseBoth();
                return;
            }
        }

        // Outside of the lock: the directory that is closed for it may be in another worker's hands.
        if (idle)
            _run.Budget.Idle(this);
    }

    /// <summary>Closes it, unless somebody has taken it up again.</summary>
    internal void CloseIfIdle()
    {
        StageEnd? end = null;
        lock (_gate)
        {
            if (_users == 0)
            {
                end = TakeName();
                CloseBoth();
            }
        }

        end?.HandOn(_run);
    }

    /// <summary>
    /// Closes it when all that is in it is done; where another directory's file is being linked to a copy in this one,
    /// when that is done too.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Close()
    {
        if (_isRoot)
            return;
        _run.Budget.InUse(this);
        lock (_gate)
        {
            _isOver = true;
            if (_users == 0)
                CloseBoth();
        }
    }

    internal Descriptor Source => _source!;

    /// <summary>The destination directory, made where it is missing; null where nothing is to be made and it is missing.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal Descriptor? Destination()
    {
        if (!_run.Policy.HasDestination)
            return null;
        lock (_gate)
        {
            if (_lost is not null)
                throw _lost;
            if (_destination is null && !_isRoot)
                OpenDestination();
            return _destination;
        }
    }

    /// <summary>
    /// Clears an existing destination of what killed runs left, and finds out how it takes names. Once, before anything
    /// is copied there.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Prepare()
    {
        if (!_run.Policy.HasDestination)
            return;
        lock (_gate)
        {
            if (_names != DestinationNames.Unknown || IsNew || _run.Options.PlanOnly || Destination() is not { } destination)
                return;
            NameProbe probe = new();
            bool listed = _mayList
                ? LeftoverSweeper.SweepListed(destination, default, probe.Look)
                : LeftoverSweeper.Sweep(destination, default, probe.Look);
            _names = probe.Answer(destination, listed);
            if (_names == DestinationNames.MayBeOne)
                Claims = new();
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    internal NativePath SourcePath() => Parent is null ? _sourceBase : Parent.SourcePath().Append(Name);

    [MethodImpl(Compilation.AtOnce)]
    internal NativePath DestinationPath() => Parent is null ? _destinationBase : Parent.DestinationPath().Append(DestinationName);

    /// <summary>The path from the root of the copy, empty for the root: the directory that was named.</summary>
    internal string RelativePath()
    {
        if (Parent is null || (_run.BeginsWithName && Parent.Parent is null))
            return string.Empty;
        string above = Parent.RelativePath();
        return above.Length == 0 ? Name.ToString() : above + "/" + Name;
    }

    /// <summary>Whether the directory, or one above it, is this one.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool IsWithin(in Statx directory)
    {
        for (TreeDirectory? one = this; one is not null; one = one.Parent)
        {
            if (one.Status.IsSameFile(directory))
                return true;
        }

        return false;
    }

    internal bool IsDestination(in Statx directory) => _destinationKnown && _destinationStatus.IsSameFile(directory);

    [MethodImpl(Compilation.AtOnce)]
    private void OpenSource()
    {
        if (_source is not null)
            return;
        using TreeLease above = Parent!.Acquire();
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NonBlocking | (Follow ? 0 : OpenFlags.NoFollow);
        Descriptor opened = Open(above.Source, Name, flags, SourcePath);
        Statx status = FileMetadata.StatusOf(opened, Name);
        bool first = Started == 0;
        if (!first && !status.IsSameFile(Status))
        {
            opened.Dispose();
            throw Replaced(SourcePath());
        }

        if (first)
        {
            Status = status;
            Started = System.Diagnostics.Stopwatch.GetTimestamp();
        }
        else if (_position != 0)
        {
            _ = FileIO.Seek(opened, _position, FileCalls.SeekSet);
        }

        // Who saves what a killed run left has it open as his own: this run's sweeping of the destination spares it.
        if (TemporaryName.Matches(Name.Bytes))
            _ = FileIO.TryLock(opened);
        _source = opened;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void OpenDestination()
    {
        using TreeLease above = Parent!.Acquire();
        Descriptor? parent = Parent.Destination();
        if (parent is null)
            return;
        Parent.Prepare();
        long result = OpenOrMake(parent, out Descriptor? opened);
        Errno errno = KernelResult.ErrnoOf(result);
        if (_run.Options.PlanOnly && errno is Errno.ENOENT or Errno.ELOOP)
            return;
        if (_run.Options.PlanOnly && errno == Errno.ENOTDIR && _run.Policy.ClearsTheWay(Parent!, parent, DestinationName))
            return;
        CheckOpened(result, parent, ref opened);
        Statx status = FileMetadata.StatusOf(opened!, DestinationName);
        if (_destinationKnown && !status.IsSameFile(_destinationStatus))
        {
            opened!.Dispose();
            throw Replaced(DestinationPath());
        }

        if (!_destinationKnown && Parent.Claims is { } claims)
            Claim(claims, status, opened!);
        _destinationStatus = status;
        _destinationKnown = true;
        _destination = opened;
    }

    /// <summary>
    /// Opens the destination, made where it is missing. What stands there in most runs is opened at once: to be told that by
    /// mkdirat(2) takes the lock of the directory above.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    private long OpenOrMake(Descriptor parent, out Descriptor? opened)
    {
        long result = 0;
        opened = null;
        bool mayStandThere = _destinationKnown || _run.Options.PlanOnly || !Parent!.IsBare;
        if (mayStandThere)
            result = FileIO.TryOpen(parent, DestinationName, DestinationFlags, 0, out opened);
        bool isDone = mayStandThere && (result >= 0 || KernelResult.ErrnoOf(result) is not (Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP));
        if (isDone || _destinationKnown || _run.Options.PlanOnly)
            return result;
        if (KernelResult.ErrnoOf(result) is Errno.None or Errno.ENOENT && TryStage(parent))
        {
            opened = _stage!.Folder.Directory;
            return 0;
        }

        IsNew = Make(parent);
        return FileIO.TryOpen(parent, DestinationName, DestinationFlags, 0, out opened);
    }

    /// <summary>Takes a directory, too, that may be entered and written but not listed; throws where none was opened.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void CheckOpened(long result, Descriptor parent, ref Descriptor? opened)
    {
        Errno errno = KernelResult.ErrnoOf(result);
        _mayList = errno != Errno.EACCES;
        if (!_mayList)
            result = FileIO.TryOpen(parent, DestinationName, DestinationFlags | OpenFlags.PathOnly, 0, out opened);
        if (errno is Errno.ENOTDIR or Errno.ELOOP)
            throw new TransferException(ErrorKind.NotDirectory, $"'{DestinationPath()}' is a file, and a directory is wanted there.");
        if (result < 0)
            SystemCallException.Check(result, "openat", DestinationPath());
    }

    private void Claim(NameClaims claims, in Statx status, Descriptor opened)
    {
        try
        {
            lock (claims)
                claims.Claim(status, DestinationName, DestinationPath());
        }
        catch (TransferException)
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Makes the directory. False where one stands there already; a link in its place is replaced.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool Make(Descriptor parent)
    {
        long made = DirectoryEntries.Make(parent, DestinationName, CreationMode);
        if (KernelResult.ErrnoOf(made) != Errno.EEXIST)
        {
            if (made < 0)
                SystemCallException.Check(made, "mkdirat", DestinationPath());
            return true;
        }

        if (!ClearsName(parent))
            return false;
        SystemCallException.Check(DirectoryEntries.Make(parent, DestinationName, CreationMode), "mkdirat", DestinationName);
        return true;
    }

    private uint CreationMode =>
        (_run.Options.File.Preserve & (PreserveItems.Mode | PreserveItems.Ownership | PreserveItems.Acl)) == 0 ? LeftToUmask : OwnerOnly;

    /// <summary>
    /// Takes away what stands in the place of a new directory, where it may go: a link, and what the policy clears. False
    /// where it stays, which is right for a directory.
    /// </summary>
    private bool ClearsName(Descriptor parent)
    {
        long known = FileMetadata.Status(parent, DestinationName, MetadataCalls.AtNoFollow, out Statx status);
        // A link is somebody's who works there at the same time, unless it is the copy of one with nearly the same name.
        bool isForeign = known == 0 && status.IsSymlink && !NameProbe.IsFoundOtherwise(parent, DestinationName);
        if (Parent!.IsBare && !isForeign)
            throw NameClaims.TakenForOne(DestinationPath());
        if (known == 0 && !status.IsDirectory && !status.IsSymlink && _run.Policy.ClearsTheWay(Parent!, parent, DestinationName))
            return true;
        if (known < 0 || !status.IsSymlink)
            return false;
        if (_run.Options.File.NoClobber)
            throw new TransferException(ErrorKind.AlreadyExists, $"'{DestinationPath()}' exists, and -NoClobber leaves it alone.");
        // Nothing of the destination below the root that the user named is followed; RENAME_EXCHANGE is not known everywhere.
        SystemCallException.Check(DirectoryEntries.Remove(parent, DestinationName), "unlinkat", DestinationName);
        return true;
    }

    /// <summary>Makes the directory under a temporary name, where that is of use and can be done.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private bool TryStage(Descriptor parent)
    {
        // Where two names may be one, a name has to be taken before anything is made under it.
        if (Parent!.Claims is not null || !_run.MayStage(parent, Parent.DestinationStatus)
            || StagedDirectory.TryCreate(parent, DestinationName, CreationMode) is not { } folder)
            return false;
        Volatile.Write(ref _stage, new(folder, Parent.Acquire(), _run.Stages));
        IsNew = true;
        return true;
    }

    /// <summary>Gives it its name. Under its lock; what waited for that is to be handed on without.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private StageEnd? TakeName()
    {
        if (_stage is not { } stage)
            return null;
        TransferException? failure = null;
        try
        {
            TakeName(stage);
        }
        catch (SystemCallException e)
        {
            failure = new(e.Kind, e.Message + ".", e);
        }
        catch (TransferException e)
        {
            failure = e;
        }

        StageEnd end = stage.End(failure);
        if (failure is not null)
            Lose(stage, end, failure);
        Volatile.Write(ref _stage, null);
        return end;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void TakeName(Stage stage)
    {
        long taken = stage.TakeName(DestinationPath());
        Descriptor parent = Parent!.Destination()!;
        if (KernelResult.ErrnoOf(taken) == Errno.EEXIST && ClearsName(parent))
            taken = stage.TakeName(DestinationPath());
        if (KernelResult.ErrnoOf(taken) == Errno.EEXIST)
            JoinOther(stage, parent);
        else
            SystemCallException.Check(taken, "renameat2", DestinationPath());
    }

    /// <summary>Moves what has been made into a directory that somebody else has made under the name meanwhile.</summary>
    private void JoinOther(Stage stage, Descriptor parent)
    {
        long result = FileIO.TryOpen(parent, DestinationName, DestinationFlags, 0, out Descriptor? other);
        CheckOpened(result, parent, ref other);
        _destinationStatus = FileMetadata.StatusOf(other!, DestinationName);
        stage.Folder.MoveInto(other!, stage.Refuse);
        // Still known to who is making a file in it, for whom it is an error.
        _former = _destination;
        _destination = other;
        IsNew = false;
        // What of it the source lacks is not known: the names seen so far have not been remembered.
        Incomplete = true;
    }

    /// <summary>Gives the directory up, with all that was made in it and was found in it.</summary>
    private void Lose(Stage stage, StageEnd end, TransferException failure)
    {
        _lost = failure;
        _destinationKnown = false;
        stage.Folder.Remove();
        Incomplete = true;
        _run.Policy.Incomplete(this);
        NativePath path = SourcePath();
        end.Outcomes.Add(new() { Source = path.ToString(), SourceBytes = path.BytesBeyondText, Error = failure });
        // The directory itself is still pending: whoever gives it its name is at work in it.
        Interlocked.Add(ref _pending, -end.Dropped);
    }

    [MethodImpl(Compilation.AtOnce)]
    private static Descriptor Open(Descriptor parent, NativePath name, int flags, Func<NativePath> path)
    {
        long result = FileIO.TryOpen(parent, name, flags, 0, out Descriptor? opened);
        if (result >= 0)
            return opened!;
        throw KernelResult.ErrnoOf(result) switch
        {
            Errno.ENOENT => new TransferException(ErrorKind.NotFound, $"'{path()}' vanished before it was copied."),
            Errno.ENOTDIR or Errno.ELOOP => Replaced(path()),
            _ => new SystemCallException("openat", KernelResult.ErrnoOf(result), path().ToString()),
        };
    }

    private static TransferException Replaced(NativePath path) =>
        new(ErrorKind.Busy, $"'{path}' was replaced by something else during the walk: nothing of it was followed.");

    [MethodImpl(Compilation.AtOnce)]
    private void CloseBoth()
    {
        if (_source is not null)
        {
            if (!_isOver)
                _position = Math.Max(0, FileIO.Seek(_source, 0, FileCalls.SeekCurrent));
            _source.Dispose();
            _source = null;
        }

        if (_destination is not null)
        {
            _destination.Dispose();
            _destination = null;
        }

        _former?.Dispose();
        _former = null;
    }
}
