using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;

namespace MemTools.Commands;

/// <summary>
/// What Receive-FileZeroCopy -AsJob returns: a job like any other, that says where it listens. Receive-Job gives the results,
/// Stop-Job ends it as Ctrl+C ends the command.
/// </summary>
public sealed class FileReceiveJob : Job
{
    private readonly FileReceiver _receiver;
    private readonly Sink _sink;
    private readonly JobRepository _repository;
    private readonly object _gate = new();
    private BackgroundReceiver? _running;

    /// <summary>Whether those are being told who want to know of the end.</summary>
    private bool _telling;

    /// <summary>Whether it was removed meanwhile, and put back for as long as that takes.</summary>
    private bool _putBack;

    internal FileReceiveJob(string command, FileReceiver receiver, JobRepository repository)
        : base(command)
    {
        _repository = repository;
        PSJobTypeName = nameof(FileReceiveJob);
        _receiver = receiver;
        _sink = new(this);
        ConnectionString = receiver.ConnectionString!.ToString();
    }

    /// <summary>What senders take for -ConnectionString: where it listens and whether it wants a key, and never the key.</summary>
    public string ConnectionString { get; }

    /// <summary>Senders that have said goodbye so far.</summary>
    public int CompletedSessions => _receiver.CompletedSessions;

    /// <summary>Connections that are open now.</summary>
    public int OpenConnections => IsFinished ? 0 : _receiver.OpenConnections;

    /// <inheritdoc/>
    public override string Location => _receiver.ConnectionString!.Endpoint;

    /// <inheritdoc/>
    public override string StatusMessage => IsFinished ? string.Empty : TransferProgressText.Status(_receiver.Progress);

    /// <inheritdoc/>
    public override bool HasMoreData => Output.Count > 0 || Error.Count > 0 || Warning.Count > 0;

    private bool IsFinished => JobStateInfo.State is JobState.Completed or JobState.Failed or JobState.Stopped;

    /// <inheritdoc/>
    public override void StopJob()
    {
        if (_running is not { } running)
            return;
        running.Dispose();
        // The state is set a moment later; whoever is told of it then may take as long as he likes.
        SpinWait.SpinUntil(() => IsFinished || running.IsHere);
    }

    internal void Start()
    {
        SetJobState(JobState.Running);
        Information.Add(new InformationRecord(ConnectionString, "Receive-FileZeroCopy"));
        _running = BackgroundReceiver.Start(_receiver, _sink.Take, End);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            StopJob();
        if (!IsToBeRemovedAgain())
            base.Dispose(disposing);
    }

    /// <summary>
    /// Receive-Job -Wait -AutoRemoveJob asks to be told of a job's end, and then looks whether it has ended. Where the end comes in
    /// between it removes the job, is told, removes it once more, and says that there is no such job. For that there is one.
    /// </summary>
    private bool IsToBeRemovedAgain()
    {
        lock (_gate)
        {
            if (!_telling || _putBack || _running!.IsHere)
                return false;
            _repository.Add(this);
            return _putBack = true;
        }
    }

    private void End(Exception? failure, bool stopped)
    {
        if (failure is not null)
            Error.Add(ErrorRecords.From(failure, ConnectionString));
        Output.Complete();
        Error.Complete();
        Warning.Complete();
        Verbose.Complete();
        Information.Complete();
        lock (_gate)
            _telling = true;
        SetJobState(stopped ? JobState.Stopped : failure is null ? JobState.Completed : JobState.Failed);
        lock (_gate)
        {
            _telling = false;
            if (!_putBack)
                return;
        }

        try
        {
            _repository.Remove(this);
            base.Dispose(disposing: true);
        }
        catch (ArgumentException)
        {
            // It was removed again, and disposed by whoever did.
        }
    }

    /// <summary>The streams of the job, which Receive-Job reads.</summary>
    private sealed class Sink(FileReceiveJob job) : OutcomeSink
    {
        private protected override void Result(FileTransferResult result) => job.Output.Add(PSObject.AsPSObject(result));

        private protected override void Error(ErrorRecord error) => job.Error.Add(error);

        private protected override void Warning(string text) => job.Warning.Add(new(text));

        private protected override void Verbose(string text) => job.Verbose.Add(new(text));
    }
}
