using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>Whole trees with all that -Preserve All names, a second run over the same, and how the cost grows.</summary>
internal sealed class TreesBenchmark : IBenchmark
{
    private const double MostOfSecondRun = 0.5;

    /// <summary>Of all rounds that are asked for: trees take long, and a real disk longer.</summary>
    private const int MostRounds = 5;
    private const int DiskRounds = 1;

    private static readonly Tree[] Trees =
    [
        new("the .NET SDK", TreeSources.CopySdk, MostOverCp: 0.7, MostOverRsync: 0.4, AlsoCopyItem: true, AlsoOnDisk: true),
        new("20,000 files in 20 folders", path => TreeSources.Fill(path, 20, 1_000), MostOverCp: 0.7, MostOverRsync: 0.4),
        new("10,000 files in one folder", path => TreeSources.Fill(path, 1, 10_000), MostOverCp: 0.9, MostOverRsync: null, AlsoOnDisk: true),
    ];

    public string Name => "trees";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, "Trees, with all their metadata");
        if (!TreeContenders.HasProgram(settings))
            section.Note("memtools was not measured: `./build.ps1 -Task Pack` makes it.");
        if (!ProcessTimer.IsOnPath("rsync"))
            section.Note("rsync was not measured: it is not installed.");
        foreach (Place place in Place.Available(TreeSources.LargestBytes, section.Note))
        {
            using (place)
            {
                Measure(place, settings, Math.Min(settings.Rounds, MostRounds), section);
                if (place is TmpfsPlace)
                    section.Add(TreeGrowth.Measure(place, settings));
            }
        }

        using DiskPlace? disk = DiskPlace.TryOpen(TreeSources.LargestBytes, section.Note);
        if (disk is not null)
            Measure(disk, settings, Math.Min(settings.Rounds, DiskRounds), section);
        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, int rounds, Section section)
    {
        using PowerShellHost shell = new(settings.Module);
        foreach (Tree tree in Trees.Where(tree => place is not DiskPlace || tree.AlsoOnDisk))
        {
            using TreePair pair = new(place, shell, tree.Make);
            TreeContenders contenders = new(shell, settings, pair.Source, pair.Destination);
            Samples first = pair.First(contenders.First(tree.AlsoCopyItem && place is not DiskPlace), rounds);
            Samples second = pair.Second(contenders.Second(), rounds);
            string title = $"{place.Name}, {tree.Name}";
            section.Add(ShareTable.Of(title, first, ("an entry", pair.Entries)));
            section.Add(ShareTable.Of($"{title}, second run", second, ("an entry", pair.Entries)));
            if (place is not DiskPlace)
                AddTargets(section, title, tree, first, second);
        }
    }

    private static void AddTargets(Section section, string title, Tree tree, Samples first, Samples second)
    {
        foreach (string ours in TreeContenders.Ours.Intersect(first.Names))
        {
            section.Add(Target.AtMost($"{title}: {ours} over cp", first.Ratio(ours, TreeContenders.Cp), tree.MostOverCp));
            if (tree.MostOverRsync is { } most && first.Names.Contains(TreeContenders.Rsync))
                section.Add(Target.AtMost($"{title}: {ours} over rsync", first.Ratio(ours, TreeContenders.Rsync), most));
        }

        if (second.Names.Contains(TreeContenders.Rsync))
        {
            double ratio = second.Ratio(TreeContenders.Sync, TreeContenders.Rsync);
            section.Add(Target.AtMost($"{title}: second run over rsync's", ratio, MostOfSecondRun));
        }
    }

    /// <summary>A tree to copy, and how long that may take beside others.</summary>
    private sealed record Tree(
        string Name, Action<string> Make, double MostOverCp, double? MostOverRsync, bool AlsoCopyItem = false, bool AlsoOnDisk = false);
}
