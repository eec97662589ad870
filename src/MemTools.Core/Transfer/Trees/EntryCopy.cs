using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>What becomes of one entry of a directory: it is asked what it is, whether it belongs to the copy, and copied.</summary>
internal readonly struct EntryCopy
{
    private readonly TreeWorker _worker;
    private readonly TreeRun _run;
    private readonly TreeLease _lease;
    private readonly NativePath _name;
    private readonly NativePath _destinationName;

    internal EntryCopy(TreeWorker worker, TreeRun run, TreeLease lease, NativePath name, NativePath destinationName)
    {
        _worker = worker;
        _run = run;
        _lease = lease;
        _name = name;
        _destinationName = destinationName;
    }

    private NativePath SourcePath => _lease.SourcePath.Append(_name);

    [MethodImpl(Compilation.AtOnce)]
    internal void Run(byte type)
    {
        bool isRegular = type == DirectoryCalls.EntryTypeRegular;
        bool asks = isRegular
            ? (_run.Policy.Decides && !_lease.Directory.IsBare) || _run.Options.PlanOnly || _run.Options.SelectsByStatus
            : type != DirectoryCalls.EntryTypeDirectory;
        Statx status = default;
        if (asks)
            status = Ask();
        uint kind = asks ? status.Type : isRegular ? Statx.TypeRegular : Statx.TypeDirectory;
        bool follows = kind == Statx.TypeSymlink && _run.Options.Symlink == SymlinkMode.Follow;
        if (follows)
        {
            status = Ask(followed: true);
            kind = status.Type;
        }

        bool isDirectory = kind == Statx.TypeDirectory;
        if (_run.Filter.NeedsNames && _run.Filter.Excludes(_lease.Directory, _name, isDirectory))
            return;
        if (isDirectory)
            Descend(follows);
        else if (_run.Filter.Selects(_lease.Directory, _name, kind, asks ? status : null))
            Copy(status, kind);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Descend(bool follow)
    {
        TreeDirectory directory = new(_lease.Directory, _name, _destinationName, follow);
        _lease.Directory.AddPendingDirectory();
        if (!_lease.Directory.TryPutOff(directory))
            _run.Queue.Push(new TreeQueue.Step(directory, null));
    }

    [MethodImpl(Compilation.AtOnce)]
    private Statx Ask(bool followed = false)
    {
        long result = FileMetadata.Status(_lease.Source, _name, followed ? 0 : MetadataCalls.AtNoFollow, out Statx status);
        if (KernelResult.ErrnoOf(result) == Errno.ENOENT && !followed && _lease.Directory.Parent is null)
            throw new SystemCallException("statx", Errno.ENOENT, SourcePath.ToString());
        if (KernelResult.ErrnoOf(result) == Errno.ENOENT && !followed)
            throw new TransferException(ErrorKind.NotFound, $"'{SourcePath}' vanished before it was copied.");
        if (result < 0)
            SystemCallException.Check(result, "statx", SourcePath);
        return status;
    }

    /// <summary>Whether the options leave out links, or special files, such as this.</summary>
    internal static bool IsLeftOut(uint kind, TreeCopyOptions options) => kind switch
    {
        Statx.TypeRegular => false,
        Statx.TypeSymlink => options.Symlink == SymlinkMode.Skip,
        _ => options.SpecialFile == SpecialFileMode.Skip,
    };

    [MethodImpl(Compilation.AtOnce)]
    private void Copy(in Statx status, uint kind)
    {
        if (IsLeftOut(kind, _run.Options))
        {
            if (kind != Statx.TypeSymlink)
                _worker.Report(new() { Source = SourcePath.ToString(), Warning = $"'{SourcePath}' is a {ItemTypes.InWords(kind)} and was left out: -SpecialFile Recreate makes it again." });
            return;
        }

        _run.Totals.Found(1, kind == Statx.TypeRegular ? status.Length : 0);
        DestinationEntry entry = _lease.Entry(_destinationName);
        if (_lease.Directory.Claims is not { } claims)
        {
            Copy(status, kind, entry);
            return;
        }

        // One after another: else two names that are one file could both find it missing, or unclaimed.
        lock (claims)
        {
            entry = _lease.Entry(_destinationName);
            if (entry.Exists)
                claims.Claim(entry.Existing, entry.Name, entry.Path);
            Copy(status, kind, entry);
            claims.Claim(entry);
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Copy(in Statx status, uint kind, DestinationEntry entry)
    {
        long bytes = kind == Statx.TypeRegular ? status.Length : 0;
        bool blocked = entry.Exists && entry.Existing.IsDirectory && !_run.Options.PlanOnly;
        if (blocked && _run.Policy.ClearsTheWay(_lease.Directory, entry.Directory, entry.Name))
            entry = _lease.Entry(_destinationName);
        TreeDecision decision = _run.Policy.Decides ? _run.Policy.Decide(new(_lease, _name, in status, entry)) : TreeDecision.Copy;
        if (decision.Action == TreeAction.Skip)
        {
            _run.Totals.Done(1, bytes);
            if (_run.Policy.ReportsSkipped)
                _worker.Report(Outcome(TreeResults.Skipped(SourcePath, entry, kind, status, decision.Reason)));
            return;
        }

        FileTransferResult? result = _run.Options.PlanOnly ? TreeResults.Planned(SourcePath, entry, kind, status) : MakeStaged(status, kind, entry);
        if (result is null)
            return;
        // Bytes that were copied have been counted as they arrived.
        _run.Totals.Done(1, result.Status == "Copied" ? result.BytesResumed : result.Length);
        if (_lease.Directory.Hold(Outcome(result), entry.Name) is { } now)
            _worker.Report(now);
    }

    /// <summary>Makes it under its own name, where nobody can see its directory yet.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult? MakeStaged(in Statx status, uint kind, DestinationEntry entry)
    {
        if (_lease.Directory.EnterStage() is not { } pass)
            return Make(status, kind, entry);
        entry.Pass = pass;
        try
        {
            return Make(status, kind, entry);
        }
        finally
        {
            pass.Return();
        }
    }

    private static TreeOutcome Outcome(FileTransferResult result) => new() { Source = result.Source, Result = result };

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult? Make(in Statx status, uint kind, DestinationEntry entry) => kind switch
    {
        Statx.TypeRegular => _run.Policy.CopyFile(new TreeFile(_worker, _lease, _name, entry)),
        Statx.TypeSymlink => _run.Policy.CopySymlink(_worker, _lease, _name, entry, status, _run.Options.File),
        _ => NodeCopy.Special(_lease, _name, entry, status, _run.Options.File),
    };
}
