using System.Text.Json;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools sync</c>, and the exit code that sums it up.</summary>
internal sealed class SyncInvocation(
    string source, string destination, FolderSyncOptions options, OutputStyle style, bool verbose)
{
    private readonly ProgressLine _progress = new();

    private bool PlansOnly => options.Tree.PlanOnly;

    internal int Execute()
    {
        using Interruption interruption = Interruption.Begin(keepProcess: true);
        FolderSyncSession? session = Open();
        if (session is null)
            return ExitCode.Misuse;
        using CancellationTokenRegistration notice = interruption.Token.Register(() => NoticeOfWaiting(session));
        try
        {
            FileTransferJobResult result = session.Run(interruption.Token);
            _progress.Clear();
            return Print(result) ? result.ExitCode : ExitCode.SomeFailed;
        }
        catch (TransferException e)
        {
            Say(CommandLineTerms.Of(e.Message));
            return ExitCode.Misuse;
        }
        catch (OperationCanceledException)
        {
            Say("stopped.");
            foreach (string path in session.LeftIncomplete)
                StandardError.Say($"'{path}' was being written in place and is incomplete.");
            return ExitCode.Signalled(interruption.Signal);
        }
    }

    private FolderSyncSession? Open()
    {
        try
        {
            return new FolderSyncSession(source, destination, options)
            {
                Item = Tell,
                Progress = _progress.IsSeen ? _progress.Report : null,
                Approve = Plan,
                Waiting = () => Say($"another job works on '{destination}': waiting until it has ended."),
                WantsVerbose = verbose,
            };
        }
        catch (ArgumentException e)
        {
            StandardError.Say(e.Message);
            return null;
        }
    }

    private void Tell(TreeOutcome outcome)
    {
        if (outcome.Error is { } error)
            Say(CommandLineTerms.Of(error.Message));
        if (outcome.Warning is { } warning)
            Say("warning: " + CommandLineTerms.Of(warning));
        if (outcome.Verbose is { } text)
            Say(text);
        if (outcome.Result is not { } result)
            return;
        for (int i = 0; i < result.Warnings.Count; i++)
            Say("warning: " + result.Warnings[i]);
        if (PlansOnly && result.Status == "WouldCopy")
            Console.Out.WriteLine($"would copy {Printable.Text(result.Source)}");
        else if (verbose)
            Say($"{result.Status}: {result.Destination}");
    }

    private bool Plan(string path)
    {
        if (PlansOnly)
            Console.Out.WriteLine($"would remove {Printable.Text(path)}");
        return true;
    }

    /// <summary>False where standard output takes nothing.</summary>
    private bool Print(FileTransferJobResult result)
    {
        if (PlansOnly || style == OutputStyle.Quiet)
            return true;
        try
        {
            Console.Out.WriteLine(style == OutputStyle.Json
                ? JsonSerializer.Serialize(result, ResultJson.Default.FileTransferJobResult)
                : InWords(result));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            StandardError.Say($"standard output: {(e.InnerException ?? e).Message}");
            return false;
        }
    }

    private static string InWords(FileTransferJobResult result) =>
        $"{result.Files} copied ({HumanUnits.Size(result.Bytes)}), {result.Skipped} up to date, {result.Removed} removed, "
        + $"{result.Failed} failed; {HumanUnits.Duration(result.Elapsed)}, {HumanUnits.Rate(result.BytesPerSecond)}";

    private void Say(string text)
    {
        _progress.Clear();
        StandardError.Say(text);
    }

    private static void NoticeOfWaiting(FolderSyncSession session)
    {
        if (session.UninterruptibleCall is { } call)
            StandardError.Say($"stopping; waiting for {call}, which the kernel does not interrupt.");
    }
}
