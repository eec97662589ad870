using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>Tells what became of the items of a transfer: results on standard output, all else on standard error.</summary>
internal sealed class OutcomePrinter(string destination, OutputStyle style, bool verbose)
{
    private readonly ResultPrinter _printer = new(style);
    private bool _failed;

    /// <summary>Whether something was not done, or could not be told.</summary>
    internal bool Failed => _failed || _printer.Failed;

    internal ProgressLine Progress { get; } = new();

    internal void Tell(TreeOutcome outcome)
    {
        if (verbose && outcome.Verbose is { } text)
            Say(text, LogPriority.Information);
        if (outcome.Warning is { } warning)
            Warn(warning);
        if (outcome.Error is { } error)
            Fail(outcome.Source, error);
        if (outcome.Result is not { } result)
            return;
        for (int i = 0; i < result.Warnings.Count; i++)
            Warn(result.Warnings[i]);
        Progress.Clear();
        _printer.Print(result);
    }

    internal void Fail(string source, TransferException error)
    {
        _failed = true;
        Say(CommandLineTerms.Of(error.Message), LogPriority.Error);
        _printer.Print(FailedTransfer.From(source, destination, error));
    }

    internal void Say(string text, LogPriority priority)
    {
        Progress.Clear();
        StandardError.Say(text, priority);
    }

    private void Warn(string warning) => Say("warning: " + CommandLineTerms.Of(warning), LogPriority.Warning);
}
