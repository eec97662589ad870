using MemTools.Kernel;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer;

/// <summary>The one wording of progress, for the shell and the terminal.</summary>
internal static class TransferProgressText
{
    internal static string Status(in TransferProgress progress)
    {
        string total = progress.BytesTotal >= 0 ? " of " + HumanUnits.Size(progress.BytesTotal) : string.Empty;
        string left = progress.Remaining is { } time ? $", {HumanUnits.Duration(time)} left" : string.Empty;
        return $"{HumanUnits.Size(progress.BytesDone)}{total}, {HumanUnits.Rate(progress.BytesPerSecond)}{left}";
    }

    internal static string Status(in TreeProgress progress)
    {
        string files = progress.FoundAll ? $"{progress.FilesDone} of {progress.FilesFound}"
            // A receiver finds nothing: it is brought.
            : progress.FilesFound > 0 ? $"{progress.FilesDone} of {progress.FilesFound} or more" : $"{progress.FilesDone}";
        string left = progress.Remaining is { } time ? $", {HumanUnits.Duration(time)} left" : string.Empty;
        string total = progress.FoundAll ? " of " + HumanUnits.Size(progress.BytesFound) : string.Empty;
        return $"{files} files, {HumanUnits.Size(progress.BytesDone)}{total}, {HumanUnits.Rate(progress.BytesPerSecond)}{left}";
    }
}
