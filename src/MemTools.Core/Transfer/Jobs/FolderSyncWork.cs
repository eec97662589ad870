using System.Collections.Concurrent;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// One run of a job, and all that it is told by its workers. What workers tell waits until the thread that runs the job
/// takes it: only that one writes results.
/// </summary>
internal sealed class FolderSyncWork : SyncListener
{
    private readonly FolderSyncSession _session;
    private readonly SyncEnds _ends;
    private readonly JobLog? _log;
    private readonly CancellationToken _stop;
    private readonly JobTally _tally = new();
    private readonly ConcurrentQueue<Action> _told = [];
    private readonly DeletePass? _deletions;
    private volatile bool _incomplete;

    /// <summary>Whether the workers have ended: what is told then is passed on at once, and nothing piles up.</summary>
    private volatile bool _alone;

    internal FolderSyncWork(FolderSyncSession session, SyncEnds ends, JobLog? log, CancellationToken stop)
    {
        _session = session;
        _ends = ends;
        _log = log;
        _stop = stop;
        if (session.Options.Delete && ends.Destination is { } destination)
            _deletions = new(destination, ends.DestinationPath, new SyncDeleteRules(this, session.Options, log), stop);
    }

    private FolderSyncOptions Options => _session.Options;

    /// <summary>Copies what is to be copied, and finds out what is to be removed.</summary>
    /// <param name="running">Told of the run before it starts.</param>
    internal void Copy(Action<TreeRun> running)
    {
        SkipRule rule = new(Options.SkipWhen, _ends.Destination ?? _ends.Source);
        SyncPolicy policy = new(Options, this, rule, _stop);
        using TreeRun run = new(Options.Tree, policy, idle: null, _stop) { WantsVerbose = _session.WantsVerbose };
        running(run);
        run.Start(new TreeDirectory(run, _ends.Source, _ends.SourcePath, _ends.Destination, _ends.DestinationPath));
        foreach (TreeOutcome outcome in run.Outcomes(() => Turn(run)))
            Take(outcome);
        Drain();
        _alone = true;
    }

    internal void Delete()
    {
        if (_deletions is null)
            return;
        if (_incomplete)
        {
            Refuse(new(
                ErrorKind.DeletionRefused,
                $"Not all of '{_ends.SourcePath}' could be read, so what it no longer has is not known: nothing was removed."));
            return;
        }

        try
        {
            _deletions.Run();
        }
        catch (TransferException e) when (e.Kind == ErrorKind.DeletionRefused)
        {
            Refuse(e);
        }
    }

    internal FileTransferJobResult Result() => _tally.Result(_ends.SourcePath.ToString(), _ends.DestinationPath.ToString());

    /// <summary>Writes the log's last line and puts it on the disk; what goes wrong with that is a failure too.</summary>
    internal FileTransferJobResult End()
    {
        if (_log is null)
            return Result();
        _log.End(Result(), stopped: false);
        _log.Flush();
        if (_log.Failure is { } failure)
        {
            string lost = _log.LinesLost > 0 ? $"{_log.LinesLost} lines of the log were lost" : "the log may be lost";
            Report(NativePath.From(Options.LogPath!), new(failure.Kind, $"{failure.Message}; {lost}, and the job went on without.", failure));
        }

        return Result();
    }

    /// <summary>Passes on what the workers told meanwhile.</summary>
    internal void Drain()
    {
        while (_told.TryDequeue(out Action? tell))
            tell();
    }

    internal override void Skipped() => _tally.Skip();

    internal override void Refreshed() => _tally.Refresh();

    internal override void Retrying(NativePath source, Exception error, int number)
    {
        _tally.Retry();
        _log?.Retry(source, error, number);
        Warn(source, $"'{source}' is tried again ({number} of {Options.MaximumRetryCount}): {error.Message}");
    }

    internal override void Warn(NativePath source, string text) =>
        Tell(() => _session.Item?.Invoke(new() { Source = source.ToString(), Warning = text }));

    internal override void Extra(TreeDirectory directory, NativePath name) => _deletions?.Add(Relative(directory, name));

    internal override void Incomplete() => _incomplete = true;

    internal override bool Clear(TreeDirectory directory, Descriptor destination, NativePath name)
    {
        if (!Options.Tree.PlanOnly)
            return _deletions is not null && _deletions.Clear(destination, name, Relative(directory, name));
        string path = _ends.DestinationPath.Append(Relative(directory, name)).ToString();
        Tell(() => _session.Approve?.Invoke(path));
        return true;
    }

    /// <summary>Whether an item that the source lacks may go. On the thread that runs the job.</summary>
    internal bool Approves(NativePath path)
    {
        Drain();
        return _session.Approve?.Invoke(path.ToString()) ?? true;
    }

    internal void Removed(NativePath path, in Statx status)
    {
        long length = status.IsRegular ? status.Length : 0;
        FileTransferResult result = TreeResults.Of(NativePath.Empty, path, "Removed", status.Type, length, "None");
        Tell(() =>
        {
            _tally.Remove();
            _log?.Item(result);
            _session.Item?.Invoke(new() { Source = result.Destination, Result = result });
        });
    }

    internal void NotRemoved(NativePath path, SystemCallException error) =>
        Tell(() => Report(path, new(error.Kind, error.Message + ".", error)));

    private static NativePath Relative(TreeDirectory directory, NativePath name)
    {
        NativePath path = name;
        for (TreeDirectory one = directory; one.Parent is { } parent; one = parent)
            path = one.Name.Append(path);
        return path;
    }

    private void Tell(Action tell)
    {
        if (_alone)
            tell();
        else
            _told.Enqueue(tell);
    }

    private void Turn(TreeRun run)
    {
        Drain();
        _session.Progress?.Invoke(run.Totals.Snapshot());
    }

    private void Take(TreeOutcome outcome)
    {
        Drain();
        if (outcome.Error is { } error)
        {
            Report(outcome.Source, outcome.SourceBytes, error);
            return;
        }

        // A directory that was there is entered in every run: nothing was done to it.
        if (outcome.Result is { ItemType: "Directory", Replacement: "Merged" } merged && merged.Warnings.Count == 0)
            return;
        if (outcome.Result is { Status: "Copied" or "Linked" } result)
        {
            _tally.Add(result);
            _log?.Item(result);
        }

        _session.Item?.Invoke(outcome);
    }

    private void Refuse(TransferException error) => Report(_ends.DestinationPath, error);

    private void Report(NativePath path, TransferException error) => Report(path.ToString(), path.BytesBeyondText, error);

    private void Report(string path, byte[]? pathBytes, TransferException error)
    {
        JobFailure failure = _tally.Fail(path, pathBytes, error);
        _log?.Failed(failure);
        _session.Item?.Invoke(new() { Source = path, SourceBytes = pathBytes, Error = error });
    }
}
