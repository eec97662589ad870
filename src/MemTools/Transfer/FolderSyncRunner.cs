using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Runs a job for a cmdlet: what it tells becomes objects, warnings and error records.</summary>
internal sealed class FolderSyncRunner
{
    private readonly InterruptibleCommand _cmdlet;
    private readonly FolderSyncSession _session;
    private readonly ProgressReporter _progress;
    private readonly string _source;
    private readonly string _destination;
    private readonly bool _passThru;

    internal FolderSyncRunner(InterruptibleCommand cmdlet, string source, string destination, FolderSyncOptions options, bool passThru)
    {
        _cmdlet = cmdlet;
        _source = source;
        _destination = destination;
        _passThru = passThru;
        _progress = new ProgressReporter(cmdlet, "Synchronizing folders");
        _session = new FolderSyncSession(source, destination, options)
        {
            Item = HandOn,
            Progress = _progress.Report,
            Approve = path => cmdlet.ShouldProcess($"Item: {path}", "Remove Item"),
            Waiting = () => cmdlet.WriteVerbose($"Another job works on '{destination}': waiting until it has ended."),
            WantsVerbose = true,
        };
    }

    internal string? UninterruptibleCall => _session.UninterruptibleCall;

    private bool PlansOnly => _session.Options.Tree.PlanOnly;

    internal void Run()
    {
        if (!PlansOnly && !_cmdlet.ShouldProcess(Description(_source, _destination), "Sync Folder"))
            return;
        try
        {
            FileTransferJobResult result = RunGuarded();
            _progress.Complete();
            if (!PlansOnly && !_passThru)
                _cmdlet.WriteObject(result);
        }
        catch (TransferException e)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.From(e, _source));
        }
        catch (OperationCanceledException)
        {
            foreach (string path in _session.LeftIncomplete)
                _cmdlet.Host?.UI?.WriteWarningLine($"'{path}' was being written in place and is incomplete.");
            throw new PipelineStoppedException();
        }
    }

    private FileTransferJobResult RunGuarded()
    {
        using Interruption.WorkScope work = _cmdlet.Interruption.BeginWork();
        return _session.Run(_cmdlet.Interruption.Token);
    }

    private void HandOn(TreeOutcome outcome)
    {
        if (outcome.Verbose is { } text)
            _cmdlet.WriteVerbose(text);
        if (outcome.Warning is { } warning)
            _cmdlet.WriteWarning(warning);
        if (outcome.Error is { } error)
            _cmdlet.WriteError(ErrorRecords.From(error, outcome.Source));
        if (outcome.Result is { } result)
            HandOn(result);
    }

    private void HandOn(FileTransferResult result)
    {
        if (PlansOnly)
        {
            if (result.Status == "WouldCopy")
                _cmdlet.ShouldProcess(Description(result.Source, result.Destination), $"Copy {result.ItemType}");
            return;
        }

        for (int i = 0; i < result.Warnings.Count; i++)
            _cmdlet.WriteWarning(result.Warnings[i]);
        if (_passThru)
            _cmdlet.WriteObject(result);
    }

    private static string Description(string source, string destination) => $"Item: {source} Destination: {destination}";
}
