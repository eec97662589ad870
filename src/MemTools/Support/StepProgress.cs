using System.Diagnostics;
using System.Management.Automation;

namespace MemTools.Commands.Support;

/// <summary>Write-Progress for work that consists of steps: shown after half a second, at most ten times a second.</summary>
internal sealed class StepProgress(Cmdlet cmdlet, string activity)
{
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _last;
    private bool _shown;

    /// <summary>Shows what is done now, and how many of all steps are behind.</summary>
    internal void Report(string step, int done, int all)
    {
        TimeSpan now = _watch.Elapsed;
        if (now < ShownAfter || now - _last < Interval)
            return;
        _last = now;
        _shown = true;
        cmdlet.WriteProgress(new(0, activity, $"{done + 1} of {all}")
        {
            CurrentOperation = step,
            PercentComplete = (int)(100L * done / all),
            SecondsRemaining = done == 0 ? -1 : (int)Math.Min(now.TotalSeconds / done * (all - done), int.MaxValue),
        });
    }

    /// <summary>Takes the progress off the screen.</summary>
    internal void Complete()
    {
        if (_shown)
            cmdlet.WriteProgress(new(0, activity, "Done") { RecordType = ProgressRecordType.Completed });
    }
}
