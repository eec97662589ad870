using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// The time in which a new directory has a temporary name (<see cref="StagedDirectory"/>): who makes files in it under their
/// own names, and what waits until it has its name. Outcomes wait, for whoever reads them opens the files that they name;
/// and so do the directories found in it. It is over when the directory's own files are done, and earlier where that lasts.
/// </summary>
internal sealed class Stage
{
    /// <summary>Larger files are made as everywhere else, so that they can be done after the directory has its name.</summary>
    internal const long LargestFile = 8 * 1024 * 1024;

    /// <summary>For larger files nothing waits: what is found in the directory is entered meanwhile.</summary>
    internal const long LargestAwaited = 256 * 1024 * 1024;

    private const int MostLater = 1024;

    private readonly object _gate = new();
    private readonly TreeLease _parent;
    private readonly StageLimits _limits;
    private readonly long _end;
    private readonly List<(TreeOutcome Outcome, NativePath Name)> _held = [];
    private readonly List<TreeDirectory> _later = [];
    private Dictionary<NativeName, Errno>? _refused;
    private int _inside;
    private bool _isEnding;
    private bool _isOver;
    private bool _isSpoiled;

    /// <param name="folder">The directory.</param>
    /// <param name="parent">The one above, kept open.</param>
    /// <param name="limits">When it is over at the latest.</param>
    internal Stage(StagedDirectory folder, TreeLease parent, StageLimits limits)
    {
        Folder = folder;
        _parent = parent;
        _limits = limits;
        _end = Environment.TickCount64 + (long)limits.Longest.TotalMilliseconds;
    }

    internal StagedDirectory Folder { get; }

    /// <summary>Whether an entry may be made under its own name; then <see cref="Leave"/> is to follow.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryEnter()
    {
        lock (_gate)
        {
            if (_isEnding)
                return false;
            _inside++;
            return true;
        }
    }

    /// <summary>Takes note that an entry is done. True where the directory is to take its name now.</summary>
    /// <param name="last">Whether no other is to enter.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal bool Leave(bool last)
    {
        lock (_gate)
        {
            _isEnding |= last;
            _inside--;
            return IsDue();
        }
    }

    /// <summary>Keeps an outcome back, or tells it as it is to be told now.</summary>
    /// <param name="outcome">What became of an entry.</param>
    /// <param name="name">The entry's name in the destination.</param>
    /// <param name="due">Whether the directory is to take its name now.</param>
    /// <returns>Null where it is kept back.</returns>
    [MethodImpl(Compilation.AtOnce)]
    internal TreeOutcome? Hold(TreeOutcome outcome, NativePath name, out bool due)
    {
        lock (_gate)
        {
            due = false;
            if (_isOver)
                return AsItIs(outcome, name);
            _held.Add((outcome, name));
            _isEnding |= _limits.Add() || Environment.TickCount64 > _end;
            due = IsDue();
            return null;
        }
    }

    /// <summary>Puts a directory found in this one off. False where it can be entered now.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryPutOff(TreeDirectory directory, out bool due)
    {
        lock (_gate)
        {
            due = false;
            if (_isOver)
                return false;
            _later.Add(directory);
            _isEnding |= _later.Count >= MostLater;
            due = IsDue();
            return true;
        }
    }

    /// <summary>Says that an unfinished file cannot be removed: then the directory does not get its name.</summary>
    internal void Spoil()
    {
        lock (_gate)
            _isSpoiled = true;
    }

    /// <summary>Gives the directory its name; EEXIST where that is taken.</summary>
    /// <exception cref="TransferException">It holds what is not to be seen.</exception>
    [MethodImpl(Compilation.AtOnce)]
    internal long TakeName(NativePath path)
    {
        lock (_gate)
        {
            if (_isSpoiled)
                throw new TransferException(ErrorKind.IoError, $"'{path}' was not created: an unfinished file in it could not be removed.");
        }

        return Folder.TakeName();
    }

    /// <summary>Takes note that an entry could not be moved to where the others are.</summary>
    internal void Refuse(NativePath name, Errno errno)
    {
        lock (_gate)
            (_refused ??= [])[new(name)] = errno;
    }

    /// <summary>Ends it, with what waited.</summary>
    /// <param name="failure">Why the directory does not exist, or null.</param>
    [MethodImpl(Compilation.AtOnce)]
    internal StageEnd End(TransferException? failure)
    {
        lock (_gate)
        {
            _isEnding = _isOver = true;
            List<TreeOutcome> outcomes = new(_held.Count);
            foreach ((TreeOutcome outcome, NativePath name) in _held)
                outcomes.Add(failure is null ? AsItIs(outcome, name) : Failed(outcome, failure));
            return new(outcomes, failure is null ? _later : [], _parent)
            {
                Held = _held.Count,
                Dropped = failure is null ? 0 : _later.Count,
            };
        }
    }

    private bool IsDue() => _isEnding && _inside == 0 && !_isOver;

    private TreeOutcome AsItIs(TreeOutcome outcome, NativePath name)
    {
        if (_refused is null || !_refused.TryGetValue(new(name), out Errno errno))
            return outcome;
        SystemCallException why = new("renameat2", errno, outcome.Result!.Destination);
        TransferException failure = errno == Errno.EEXIST
            ? NameClaims.TakenForOne(outcome.Result.Destination)
            : new(why.Kind, why.Message + ".", why);
        return Failed(outcome, failure);
    }

    private static TreeOutcome Failed(TreeOutcome outcome, TransferException failure) =>
        new() { Source = outcome.Source, SourceBytes = outcome.Result?.SourceBytes, Error = failure };
}
