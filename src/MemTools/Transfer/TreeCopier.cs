using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Copies trees for a cmdlet: outcomes become objects, warnings and error records, on the pipeline's thread.</summary>
internal sealed class TreeCopier
{
    private readonly InterruptibleCommand _cmdlet;
    private readonly ProgressReporter _progress;
    private readonly TreeCopySession _session;
    private TreeTransfer? _transfer;

    internal TreeCopier(InterruptibleCommand cmdlet, ProgressReporter progress, TreeCopySession session)
    {
        _cmdlet = cmdlet;
        _progress = progress;
        _session = session;
    }

    internal string? UninterruptibleCall => _transfer?.UninterruptibleCall;

    internal void Copy(string source, string destination)
    {
        // With -WhatIf each item is asked for, so that all of them are shown.
        if (!_session.Options.PlanOnly && !_cmdlet.ShouldProcess(Description(source, destination), "Copy Tree"))
            return;
        Interruption.WorkScope work = _cmdlet.Interruption.BeginWork();
        try
        {
            using (_transfer = _session.Copy(source, work.Dispose, _cmdlet.Interruption.Token))
                HandOn(_transfer);
        }
        catch (TransferException e)
        {
            work.Dispose();
            _cmdlet.WriteError(ErrorRecords.From(e, source));
        }
        catch (OperationCanceledException)
        {
            foreach (string path in _transfer?.LeftIncomplete ?? [])
                _cmdlet.Host?.UI?.WriteWarningLine($"'{path}' was being written in place and is incomplete.");
            throw new PipelineStoppedException();
        }
    }

    private void HandOn(TreeTransfer transfer)
    {
        foreach (TreeOutcome outcome in transfer.Outcomes(() => _progress.Report(transfer.Progress)))
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
    }

    private void HandOn(FileTransferResult result)
    {
        if (_session.Options.PlanOnly)
        {
            _cmdlet.ShouldProcess(Description(result.Source, result.Destination), $"Copy {result.ItemType}");
            return;
        }

        for (int i = 0; i < result.Warnings.Count; i++)
            _cmdlet.WriteWarning(result.Warnings[i]);
        _cmdlet.WriteObject(result);
    }

    private static string Description(string source, string destination) => $"Item: {source} Destination: {destination}";
}
