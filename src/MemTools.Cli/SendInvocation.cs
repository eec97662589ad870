using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools send</c>: all sources together, and the exit code that sums it up.</summary>
internal sealed class SendInvocation(FileSender sender, string[] sources, bool recursive, OutputStyle style, bool verbose)
{
    private readonly OutcomePrinter _printer = new(sender.Target.ToString(), style, verbose);

    internal int Execute()
    {
        using Interruption interruption = Interruption.Begin(keepProcess: true);
        try
        {
            string[] wanted = [.. sources.Where(IsWanted)];
            if (wanted.Length > 0)
                Send(wanted, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            _printer.Say("stopped.", LogPriority.Warning);
            return ExitCode.Signalled(interruption.Signal);
        }

        _printer.Progress.Clear();
        return _printer.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private void Send(string[] wanted, CancellationToken stop)
    {
        using TreeTransfer transfer = sender.Send(wanted, stop: stop);
        foreach (TreeOutcome outcome in transfer.Outcomes(() => _printer.Progress.Report(transfer.Progress)))
            _printer.Tell(outcome);
    }

    private bool IsWanted(string source)
    {
        if (recursive || !Directory.Exists(source))
            return true;
        _printer.Fail(source, new(ErrorKind.IsDirectory, $"'{source}' is a directory, and only files are sent; -Recurse sends trees."));
        return false;
    }
}
