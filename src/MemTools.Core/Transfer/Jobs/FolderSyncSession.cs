using MemTools.Kernel;
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

    /// <summary>Takes the destination's lock, after what makes no sense was refused.</summary>
    private JobLock? Lock(CancellationToken stop)
    {
        using SyncEnds ends = SyncEnds.Open(_source, _destination, _options);
        return _options.Tree.PlanOnly ? null : JobLock.Take(ends.DestinationPath, !_options.NoWait, Waiting, stop);
    }

    private FileTransferJobResult Begin(CancellationToken stop)
    {
        using JobLog? log = _options is { LogPath: { } path, Tree.PlanOnly: false } ? JobLog.Open(NativePath.From(path)) : null;
        try
        {
            return RunLogged(log, stop);
        }
        catch (Exception e) when (e is TransferException or SystemCallException)
        {
            log?.NotBegun(_source, _destination, e.Message);
            throw;
        }
    }

    private FileTransferJobResult RunLogged(JobLog? log, CancellationToken stop)
    {
        using JobLock? held = Lock(stop);
        // Opened, and looked at, after any waiting: meanwhile the source may have been emptied or unmounted.
        using SyncEnds ends = SyncEnds.Open(_source, _destination, _options);
        FolderSyncWork work = new(this, ends, log, stop);
        if (held is { IsHeld: false })
            work.Warn(ends.DestinationPath, $"'{ends.DestinationPath}' is on a file system without locks: nothing keeps a second job away.");
        log?.Start(ends, _options);
        try
        {
            work.Copy(run => _run = run);
            work.Delete();
            work.Drain();
            _flushing = log is null ? null : "fsync";
            return work.End();
        }
        // Whoever hears of progress and results may be the first to know of a stop, and say so by an exception of its own
        // (PowerShell's PipelineStoppedException): the log is to end all the same.
        catch (Exception e) when (e is not (TransferException or SystemCallException))
        {
            try
            {
                work.Drain();
            }
            finally
            {
                log?.End(work.Result(), stopped: true);
            }

            throw;
        }
        finally
        {
            _flushing = null;
        }
    }
}
