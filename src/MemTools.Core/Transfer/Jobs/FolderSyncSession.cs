using System.Collections.Concurrent;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// Makes the content of one folder equal to another's: what Sync-FolderZeroCopy and <c>memtools sync</c> do. One run;
/// what it has to tell comes on the thread that called <see cref="Run"/>.
/// </summary>
public sealed class FolderSyncSession
{
    private readonly string _source;
    private readonly string _destination;
    private readonly FolderSyncOptions _options;
    private TreeRun? _run;
    private string? _flushing;

    /// <summary>Prepares a job; nothing is opened before <see cref="Run"/>.</summary>
    /// <param name="source">The folder to copy from.</param>
    /// <param name="destination">The folder to make equal to it; made where it is missing.</param>
    /// <param name="options">How.</param>
    /// <exception cref="ArgumentException">Options contradict each other, a pattern is none, or a path cannot be one.</exception>
    public FolderSyncSession(string source, string destination, FolderSyncOptions options)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        if (options.Contradiction is { } contradiction)
            throw new ArgumentException(contradiction, nameof(options));
        _ = NativePath.From(source);
        _ = NativePath.From(destination);
        _ = new ProtectedNames(options.Tree);
        _source = source;
        _destination = destination;
        _options = options;
    }

    /// <summary>How the job works.</summary>
    public FolderSyncOptions Options => _options;

    /// <summary>Told what became of each item: results, warnings, errors.</summary>
    public Action<TreeOutcome>? Item { get; init; }

    /// <summary>Told about ten times a second how far the job is.</summary>
    public Action<TreeProgress>? Progress { get; init; }

    /// <summary>
    /// Asked before something is removed, with its path; null removes without asking. Where nothing is to be changed
    /// (<see cref="TreeCopyOptions.PlanOnly"/>) the answer does not matter.
    /// </summary>
    public Func<string, bool>? Approve { get; init; }

    /// <summary>Told that the job has begun to wait for another one.</summary>
    public Action? Waiting { get; init; }

    /// <summary>Whether outcomes tell what -Verbose shows.</summary>
    public bool WantsVerbose { get; init; }

    /// <summary>A call in which the job is and which the kernel will not interrupt, or null.</summary>
    public string? UninterruptibleCall => _flushing ?? _run?.UninterruptibleCall;

    /// <summary>Destinations that were being written in place when the job was stopped, and are incomplete.</summary>
    public IReadOnlyList<string> LeftIncomplete => [.. _run?.LeftIncomplete ?? []];

    /// <summary>Does the job.</summary>
    /// <param name="stop">Stops it.</param>
    /// <returns>What was done, and what was not.</returns>
    /// <exception cref="TransferException">The job could not begin: nothing was changed.</exception>
    /// <exception cref="OperationCanceledException">The job was stopped; what had been copied stays.</exception>
    public FileTransferJobResult Run(CancellationToken stop = default)
    {
        try
        {
            return Begin(stop);
        }
        catch (SystemCallException e)
        {
            throw new TransferException(e.Kind, e.Message + ".", e);
        }
    }

    private FileTransferJobResult Begin(CancellationToken stop)
    {
        using JobLog? log = _options is { LogPath: { } path, Tree.PlanOnly: false } ? JobLog.Open(NativePath.From(path)) : null;
        using SyncEnds ends = SyncEnds.Open(_source, _destination, _options);
        using JobLock? held = _options.Tree.PlanOnly ? null : JobLock.Take(ends.DestinationPath, !_options.NoWait, Waiting, stop);
        Work work = new(this, ends, log, stop);
        if (held is { IsHeld: false })
            work.Warn(ends.DestinationPath, $"'{ends.DestinationPath}' is on a file system without locks: nothing keeps a second job away.");
        log?.Start(ends, _options);
        try
        {
            work.Copy();
            work.Delete();
            work.Drain();
            _flushing = log is null ? null : "fsync";
            return work.End();
        }
        catch (OperationCanceledException)
        {
            work.Drain();
            log?.End(work.Result(), stopped: true);
            throw;
        }
        finally
        {
            _flushing = null;
        }
    }

    /// <summary>One run, and all that it is told by its workers.</summary>
    private sealed class Work : SyncListener
    {
        private readonly FolderSyncSession _session;
        private readonly SyncEnds _ends;
        private readonly JobLog? _log;
        private readonly CancellationToken _stop;
        private readonly JobTally _tally = new();
        private readonly ConcurrentQueue<Action> _told = [];
        private readonly DeletePass? _deletions;
        private volatile bool _incomplete;

        internal Work(FolderSyncSession session, SyncEnds ends, JobLog? log, CancellationToken stop)
        {
            _session = session;
            _ends = ends;
            _log = log;
            _stop = stop;
            if (session._options.Delete && ends.Destination is { } destination)
                _deletions = new(destination, ends.DestinationPath, new Rules(this), stop);
        }

        private FolderSyncOptions Options => _session._options;

        internal void Copy()
        {
            SkipRule rule = new(Options.SkipWhen, _ends.Destination ?? _ends.Source);
            SyncPolicy policy = new(Options, this, rule, _stop);
            using TreeRun run = new(Options.Tree, policy, idle: null, _stop) { WantsVerbose = _session.WantsVerbose };
            _session._run = run;
            run.Start(new TreeDirectory(run, _ends.Source, _ends.SourcePath, _ends.Destination, _ends.DestinationPath));
            foreach (TreeOutcome outcome in run.Outcomes(() => Turn(run)))
                Take(outcome);
            Turn(run);
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
                Report(_session._options.LogPath!, new(failure.Kind, $"{failure.Message}; {lost}, and the job went on without.", failure));
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
            _told.Enqueue(() => _session.Item?.Invoke(new() { Source = source.ToString(), Warning = text }));

        internal override void Extra(TreeDirectory directory, NativePath name) => _deletions?.Add(Relative(directory, name));

        internal override void Incomplete() => _incomplete = true;

        internal override bool Clear(TreeDirectory directory, Descriptor destination, NativePath name)
        {
            if (!Options.Tree.PlanOnly)
                return _deletions is not null && _deletions.Clear(destination, name, Relative(directory, name));
            string path = _ends.DestinationPath.Append(Relative(directory, name)).ToString();
            _told.Enqueue(() => _session.Approve?.Invoke(path));
            return true;
        }

        private static NativePath Relative(TreeDirectory directory, NativePath name) =>
            directory.Parent is { } parent ? Relative(parent, directory.Name.Append(name)) : name;

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
                Report(outcome.Source, error);
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

        private void Refuse(TransferException error) => Report(_ends.DestinationPath.ToString(), error);

        private void Report(string path, TransferException error)
        {
            JobFailure failure = _tally.Fail(path, error);
            _log?.Failed(failure);
            _session.Item?.Invoke(new() { Source = path, Error = error });
        }

        private void Removed(NativePath path, in Statx status)
        {
            long length = status.IsRegular ? status.Length : 0;
            FileTransferResult result = TreeResults.Of(NativePath.Empty, path, "Removed", status.Type, length, "None");
            _told.Enqueue(() =>
            {
                _tally.Remove();
                _log?.Item(result);
                _session.Item?.Invoke(new() { Source = result.Destination, Result = result });
            });
        }

        /// <summary>What may be removed: not what filters leave out, and not the log.</summary>
        private sealed class Rules : DeleteRules
        {
            private readonly Work _work;
            private readonly ProtectedNames _names;

            internal Rules(Work work)
            {
                _work = work;
                _names = new(work.Options.Tree);
            }

            internal override long Most => _work.Options.MaximumDelete ?? long.MaxValue;

            internal override bool KeepsTimes => _work.Options.Tree.File.Preserve.HasFlag(PreserveItems.Timestamps);

            internal override bool Approves(NativePath path)
            {
                _work.Drain();
                bool approved = _work._session.Approve?.Invoke(path.ToString()) ?? true;
                return approved && !_work.Options.Tree.PlanOnly;
            }

            internal override bool IsProtected(NativePath relative, in Statx status) =>
                _names.Contain(relative, status.IsDirectory) || (_work._log is { } log && log.IsSameFile(status));

            internal override void OnRemoved(NativePath path, in Statx status) => _work.Removed(path, status);

            internal override void OnFailed(NativePath path, SystemCallException error) =>
                _work._told.Enqueue(() => _work.Report(path.ToString(), new(error.Kind, error.Message + ".", error)));
        }
    }
}
