using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;

namespace MemTools.Bench.Benchmarks;

/// <summary>How the cost of a job grows with the number of files.</summary>
internal static class TreeGrowth
{
    private const int Rounds = 3;
    private const int Folders = 20;

    private static readonly int[] Counts = [2_000, 20_000, 200_000];

    internal static Table Measure(Place place, BenchmarkSettings settings)
    {
        using PowerShellHost shell = new(settings.Module);
        Table table = new($"{place.Name}, files of 2 KiB in {Folders} folders, Sync-FolderZeroCopy", "first run", "a file", "second run", "a file");
        foreach (int count in Counts)
        {
            using TreePair pair = new(place, shell, path => TreeSources.Fill(path, Folders, count / Folders));
            Contender[] ours = [new TreeContenders(shell, settings, pair.Source, pair.Destination).SyncRun];
            double first = pair.First(ours, Rounds).Median(TreeContenders.Sync);
            double second = pair.Second(ours, Rounds).Median(TreeContenders.Sync);
            table.AddRow(
                $"{count:N0} files",
                Figures.Milliseconds(first),
                Figures.Microseconds(first / count),
                Figures.Milliseconds(second),
                Figures.Microseconds(second / count));
        }

        return table;
    }
}
