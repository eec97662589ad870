using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>Whole trees with all that -Preserve All names, a second run over the same, and how the cost grows.</summary>
internal sealed class TreesBenchmark : IBenchmark
{
    private const string Ours = "Copy-FileZeroCopy -Recurse";
    private const string OurJob = "Sync-FolderZeroCopy";
    private const string OurProgram = "memtools sync";
    private const string Cp = "cp -a";
    private const string Rsync = "rsync -a";
    private const string CopyItem = "Copy-Item -Recurse";
    private const int LinearRounds = 3;
    private const int LinearFolders = 20;

    private static readonly int[] LinearCounts = [2_000, 20_000, 200_000];

    private static readonly Tree[] Trees =
    [
        new("the .NET SDK", TreeSources.CopySdk, MostOverCp: 0.7, MostOverRsync: 0.4),
        new("20,000 files in 20 folders", path => TreeSources.Fill(path, 20, 1_000), MostOverCp: 0.7, MostOverRsync: 0.4),
        new("10,000 files in one folder", path => TreeSources.Fill(path, 1, 10_000), MostOverCp: 0.9, MostOverRsync: null),
    ];

    public string Name => "trees";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, "Trees, with all their metadata");
        foreach (Place place in Place.Available(TreeSources.LargestBytes, section.Note))
        {
            using (place)
            using (PowerShellHost shell = new(settings.Module))
            {
                foreach (Tree tree in Trees)
                    Measure(place, shell, settings, tree, section);
                if (place is TmpfsPlace)
                    MeasureGrowth(place, shell, section);
            }
        }

        return section;
    }

    private static void Measure(Place place, PowerShellHost shell, BenchmarkSettings settings, Tree tree, Section section)
    {
        string source = place.PathOf("s");
        string destination = place.PathOf("d");
        tree.Make(source);
        int entries = TreeSources.Count(source);
        InterleavedRun first = new(() => Prepare(shell, destination), () => Expect(destination, entries));
        Samples samples = first.Measure([.. Copies(shell, settings, source, destination)], settings.Rounds);
        InterleavedRun second = new(() => Settle(shell), () => Expect(destination, entries));
        Samples again = second.Measure([.. SecondRuns(shell, settings, source, destination)], settings.Rounds);
        section.Add(Table($"{place.Name}, {tree.Name}", samples, entries));
        section.Add(Table($"{place.Name}, {tree.Name}, second run", again, entries));
        AddTargets(section, $"{place.Name}, {tree.Name}", tree, samples, again);
        Directory.Delete(source, recursive: true);
        Directory.Delete(destination, recursive: true);
    }

    private static void AddTargets(Section section, string title, Tree tree, Samples samples, Samples again)
    {
        section.Add(Target.AtMost($"{title}: ours over cp", samples.Ratio(Ours, Cp), tree.MostOverCp));
        if (!ProcessTimer.IsOnPath("rsync"))
            return;
        if (tree.MostOverRsync is { } most)
            section.Add(Target.AtMost($"{title}: ours over rsync", samples.Ratio(Ours, Rsync), most));
        section.Add(Target.AtMost($"{title}: second run over rsync's", again.Ratio(OurJob, Rsync), 0.5));
    }

    private static IEnumerable<Contender> Copies(PowerShellHost shell, BenchmarkSettings settings, string source, string destination)
    {
        string paths = $"{PowerShell.Quote(source)} {PowerShell.Quote(destination)}";
        yield return new(Ours, () => shell.Time($"Copy-FileZeroCopy {paths} -Recurse -Preserve All"));
        yield return new(OurJob, () => shell.Time($"Sync-FolderZeroCopy {paths} -Preserve All"));
        yield return new(Cp, () => ProcessTimer.Time("cp", ["-a", source, destination]));
        yield return new(CopyItem, () => shell.Time($"Copy-Item {paths} -Recurse"));
        foreach (Contender program in Programs(settings, source, destination))
            yield return program;
    }

    private static IEnumerable<Contender> SecondRuns(PowerShellHost shell, BenchmarkSettings settings, string source, string destination)
    {
        string paths = $"{PowerShell.Quote(source)} {PowerShell.Quote(destination)}";
        yield return new(OurJob, () => shell.Time($"Sync-FolderZeroCopy {paths} -Preserve All"));
        foreach (Contender program in Programs(settings, source, destination))
            yield return program;
    }

    /// <summary>Whole commands, from before their start to after their exit.</summary>
    private static IEnumerable<Contender> Programs(BenchmarkSettings settings, string source, string destination)
    {
        string memtools = Path.Combine(Path.GetDirectoryName(settings.Module)!, "memtools");
        if (File.Exists(memtools))
            yield return new(OurProgram, () => ProcessTimer.Time(memtools, ["sync", "--quiet", "--preserve", "All", source, destination]));
        if (ProcessTimer.IsOnPath("rsync"))
            yield return new(Rsync, () => ProcessTimer.Time("rsync", ["-a", source + "/", destination]));
    }

    private static void MeasureGrowth(Place place, PowerShellHost shell, Section section)
    {
        string source = place.PathOf("s");
        string destination = place.PathOf("d");
        Table table = new($"{place.Name}, files of 2 KiB in {LinearFolders} folders", "median", "a file", "second run", "a file");
        foreach (int count in LinearCounts)
        {
            TreeSources.Fill(source, LinearFolders, count / LinearFolders);
            int entries = TreeSources.Count(source);
            string job = $"Sync-FolderZeroCopy {PowerShell.Quote(source)} {PowerShell.Quote(destination)} -Preserve All";
            Contender[] ours = [new(OurJob, () => shell.Time(job))];
            double first = new InterleavedRun(() => Prepare(shell, destination), () => Expect(destination, entries))
                .Measure(ours, LinearRounds).Median(OurJob);
            double again = new InterleavedRun(() => Settle(shell), () => Expect(destination, entries))
                .Measure(ours, LinearRounds).Median(OurJob);
            table.AddRow(
                $"{count:N0}",
                Figures.Milliseconds(first),
                Figures.Microseconds(first / count),
                Figures.Milliseconds(again),
                Figures.Microseconds(again / count));
            Directory.Delete(source, recursive: true);
            Directory.Delete(destination, recursive: true);
        }

        section.Add(table);
    }

    private static void Prepare(PowerShellHost shell, string destination)
    {
        if (Directory.Exists(destination))
            Directory.Delete(destination, recursive: true);
        Settle(shell);
    }

    private static void Settle(PowerShellHost shell)
    {
        shell.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers()");
        Place.Settle();
    }

    private static void Expect(string destination, int entries)
    {
        int found = TreeSources.Count(destination);
        if (found != entries)
            throw new CommandFailedException($"The copy has {found} entries, not {entries}.");
    }

    private static Table Table(string title, Samples samples, int entries)
    {
        Table table = new(title, "median", "fastest", "slowest", "an entry");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Microseconds(samples.Median(name) / entries));
        }

        return table;
    }

    /// <summary>A tree to copy, and how long that may take beside others.</summary>
    private sealed record Tree(string Name, Action<string> Make, double MostOverCp, double? MostOverRsync);
}
