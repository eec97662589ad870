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
        string more = progress.FoundAll ? string.Empty : " or more";
        string left = progress.Remaining is { } time ? $", {HumanUnits.Duration(time)} left" : string.Empty;
        return $"{progress.FilesDone} of {progress.FilesFound}{more} files, {HumanUnits.Size(progress.BytesDone)}, {HumanUnits.Rate(progress.BytesPerSecond)}{left}";
    }
}
