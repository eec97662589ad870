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

    /// <summary>Whether it is time to show something.</summary>
    internal bool IsDue => _watch.Elapsed >= ShownAfter && _watch.Elapsed - _last >= Interval;

    /// <summary>Shows what is done now, and how many of all steps are behind.</summary>
    internal void Report(string step, int done, int all)
    {
        if (!IsDue)
            return;
        double seconds = _watch.Elapsed.TotalSeconds;
        Show(new(0, activity, $"{done + 1} of {all}")
        {
            CurrentOperation = step,
            PercentComplete = (int)(100L * done / all),
            SecondsRemaining = done == 0 ? -1 : (int)Math.Min(seconds / done * (all - done), int.MaxValue),
        });
    }

    /// <summary>Shows what is done now, and how much is behind where nobody knows how much there is.</summary>
    internal void Report(string step, string behind)
    {
        if (IsDue)
            Show(new(0, activity, behind) { CurrentOperation = step });
    }

    /// <summary>Takes the progress off the screen.</summary>
    internal void Complete()
    {
        if (_shown)
            cmdlet.WriteProgress(new(0, activity, "Done") { RecordType = ProgressRecordType.Completed });
    }

    private void Show(ProgressRecord record)
    {
        _last = _watch.Elapsed;
        _shown = true;
        cmdlet.WriteProgress(record);
    }
}
