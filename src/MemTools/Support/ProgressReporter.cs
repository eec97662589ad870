using System.Diagnostics;
using System.Management.Automation;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Commands.Support;

/// <summary>Write-Progress for work that takes longer than half a second, at most ten times a second.</summary>
internal sealed class ProgressReporter
{
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Cmdlet _cmdlet;
    private readonly string _activity;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private TimeSpan _last;
    private bool _shown;
    private long _files;
    private long _bytes;

    internal ProgressReporter(Cmdlet cmdlet, string activity)
    {
        _cmdlet = cmdlet;
        _activity = activity;
    }

    /// <summary>Shows how far the current file is.</summary>
    internal void Report(TransferProgress progress)
    {
        if (!IsDue())
            return;
        ProgressRecord record = new(0, _activity, TransferProgressText.Status(progress))
        {
            CurrentOperation = progress.Source,
            PercentComplete = progress.Percent,
            SecondsRemaining = (int)Math.Min(progress.Remaining?.TotalSeconds ?? -1, int.MaxValue),
        };
        Show(record);
    }

    /// <summary>Shows how far a tree is.</summary>
    internal void Report(TreeProgress progress)
    {
        if (!IsDue())
            return;
        ProgressRecord record = new(0, _activity, TransferProgressText.Status(progress))
        {
            PercentComplete = progress.Percent,
            SecondsRemaining = (int)Math.Min(progress.Remaining?.TotalSeconds ?? -1, int.MaxValue),
        };
        if (progress.Current is { } current)
            record.CurrentOperation = current;
        Show(record);
    }

    /// <summary>Counts a finished file.</summary>
    internal void Finished(FileTransferResult result)
    {
        _files++;
        _bytes += result.Length;
        if (!IsDue())
            return;
        string rate = HumanUnits.Rate(_bytes / _watch.Elapsed.TotalSeconds);
        Show(new(0, _activity, $"{_files} files, {HumanUnits.Size(_bytes)}, {rate}") { CurrentOperation = result.Source });
    }

    /// <summary>Takes the progress off the screen.</summary>
    internal void Complete()
    {
        if (_shown)
            _cmdlet.WriteProgress(new(0, _activity, "Done") { RecordType = ProgressRecordType.Completed });
    }

    private bool IsDue()
    {
        TimeSpan now = _watch.Elapsed;
        return now >= ShownAfter && now - _last >= Interval;
    }

    private void Show(ProgressRecord record)
    {
        _last = _watch.Elapsed;
        _shown = true;
        _cmdlet.WriteProgress(record);
    }
}
