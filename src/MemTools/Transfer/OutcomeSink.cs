using System.Management.Automation;
using System.Runtime.CompilerServices;
using MemTools.Commands.Support;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Where outcomes of a transfer go to, as objects, warnings and error records: a pipeline, or a job.</summary>
internal abstract class OutcomeSink
{
    /// <summary>Hands one outcome on.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Take(TreeOutcome outcome)
    {
        if (outcome.Verbose is { } text)
            Verbose(text);
        if (outcome.Warning is { } warning)
            Warning(warning);
        if (outcome.Error is { } error)
            Error(ErrorRecords.From(error, outcome.Source));
        if (outcome.Result is not { } result)
            return;
        for (int i = 0; i < result.Warnings.Count; i++)
            Warning(result.Warnings[i]);
        Result(result);
    }

    private protected abstract void Result(FileTransferResult result);

    private protected abstract void Error(ErrorRecord error);

    private protected abstract void Warning(string text);

    private protected abstract void Verbose(string text);
}

/// <summary>The pipeline that a cmdlet writes to, on its own thread.</summary>
internal sealed class PipelineSink(Cmdlet cmdlet) : OutcomeSink
{
    [MethodImpl(Compilation.AtOnce)]
    private protected override void Result(FileTransferResult result) => cmdlet.WriteObject(result);

    private protected override void Error(ErrorRecord error) => cmdlet.WriteError(error);

    private protected override void Warning(string text) => cmdlet.WriteWarning(text);

    private protected override void Verbose(string text) => cmdlet.WriteVerbose(text);
}
