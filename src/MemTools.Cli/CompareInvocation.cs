using MemTools.Experiments.CopyMethods;
using MemTools.Kernel;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools compare</c>: every file in turn, and the exit code that sums it up.</summary>
internal sealed class CompareInvocation(string[] paths, CopyComparisonOptions options, OutputStyle style)
{
    private readonly ProgressLine _progress = new();
    private readonly ComparisonPrinter _printer = new(style);

    internal int Execute()
    {
        using Interruption interruption = Interruption.Begin(keepProcess: true);
        if (Prepare() is not { } comparison)
            return ExitCode.Misuse;
        bool failed = false;
        try
        {
            foreach (string path in paths)
                failed |= !Compare(comparison, path, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            _progress.Clear();
            StandardError.Say("stopped.");
            return ExitCode.Signalled(interruption.Signal);
        }

        return failed || _printer.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private CopyMethodComparison? Prepare()
    {
        try
        {
            return new CopyMethodComparison(options) { Progress = _progress.Report };
        }
        catch (Exception e) when (e is IHasErrorKind or ArgumentException)
        {
            StandardError.Say(e.Message);
            return null;
        }
    }

    private bool Compare(CopyMethodComparison comparison, string path, CancellationToken stop)
    {
        try
        {
            IReadOnlyList<CopyMethodResult> results = comparison.Compare(path, stop);
            _progress.Clear();
            _printer.Print(results);
            return true;
        }
        catch (Exception e) when (e is IHasErrorKind or ArgumentException)
        {
            _progress.Clear();
            StandardError.Say(e.Message);
            return false;
        }
    }
}
