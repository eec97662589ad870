using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools copy --recursive</c>: every source in turn, and the exit code that sums it up.</summary>
internal sealed class TreeInvocation(
    string[] sources, string destination, TreeCopyOptions options, OutputStyle style, bool verbose)
{
    private readonly ResultPrinter _printer = new(style);
    private readonly ProgressLine _progress = new();
    private TreeTransfer? _transfer;
    private bool _failed;

    internal int Execute()
    {
        if (sources.Length > 1 && !Directory.Exists(destination))
        {
            StandardError.Say($"'{destination}' is not a directory: several sources need one that exists.");
            return ExitCode.Misuse;
        }

        using Interruption interruption = Interruption.Begin(keepProcess: true);
        TreeCopySession? session = Open();
        if (session is null)
            return ExitCode.Misuse;
        using CancellationTokenRegistration notice = interruption.Token.Register(NoticeOfWaiting);
        try
        {
            foreach (string source in sources)
                Copy(session, source, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            Say("stopped.");
            foreach (string path in _transfer?.LeftIncomplete ?? [])
                StandardError.Say($"'{path}' was being written in place and is incomplete.");
            return ExitCode.Signalled(interruption.Signal);
        }

        return _failed || _printer.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private TreeCopySession? Open()
    {
        try
        {
            return new TreeCopySession(destination, options) { WantsVerbose = verbose };
        }
        catch (ArgumentException e)
        {
            StandardError.Say(CommandLineTerms.Of(e.Message));
            return null;
        }
    }

    private void Copy(TreeCopySession session, string source, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        try
        {
            using (_transfer = session.Copy(source, stop: stop))
            {
                foreach (TreeOutcome outcome in _transfer.Outcomes(() => _progress.Report(_transfer.Progress)))
                    Tell(outcome);
            }

            _progress.Clear();
        }
        catch (TransferException e)
        {
            Fail(source, e);
        }
    }

    private void Tell(TreeOutcome outcome)
    {
        if (outcome.Verbose is { } text)
            Say(text);
        if (outcome.Warning is { } warning)
            Warn(warning);
        if (outcome.Error is { } error)
            Fail(outcome.Source, error);
        if (outcome.Result is not { } result)
            return;
        for (int i = 0; i < result.Warnings.Count; i++)
            Warn(result.Warnings[i]);
        _progress.Clear();
        if (options.PlanOnly)
            _printer.PrintPlanned(result);
        else
            _printer.Print(result);
    }

    private void Fail(string source, TransferException error)
    {
        _failed = true;
        Say(CommandLineTerms.Of(error.Message));
        _printer.Print(FailedTransfer.From(source, destination, error));
    }

    private void Warn(string warning) => Say("warning: " + CommandLineTerms.Of(warning));

    private void Say(string text)
    {
        _progress.Clear();
        StandardError.Say(text);
    }

    private void NoticeOfWaiting()
    {
        if (_transfer?.UninterruptibleCall is { } call)
            StandardError.Say($"stopping; waiting for {call}, which the kernel does not interrupt.");
    }
}
