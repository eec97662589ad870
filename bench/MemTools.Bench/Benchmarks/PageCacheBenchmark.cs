using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>How much of many files is in memory: how long does it take to say so?</summary>
internal sealed class PageCacheBenchmark : IBenchmark
{
    private const string Command = "Get-PageCache -Recurse";
    private const string Detailed = "Get-PageCache -Recurse -Detailed";
    private const string Vmtouch = "vmtouch";

    public string Name => "pagecache";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"What of {settings.Files:N0} files of {Figures.Size(settings.FileSize)} is in the page cache");
        if (!ProcessTimer.IsOnPath(Vmtouch))
        {
            section.Note("Not measured: vmtouch is not on PATH.");
            return section;
        }

        foreach (Place place in Place.Available((long)settings.Files * 8192, section.Note))
        {
            using (place)
                Measure(place, settings, section);
        }

        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, Section section)
    {
        string folder = Directory.CreateDirectory(place.PathOf("files")).FullName;
        for (int number = 0; number < settings.Files; number++)
            TestFiles.Fill(Path.Combine(folder, $"file{number:00000}"), settings.FileSize);
        using PowerShellHost shell = new(settings.Module);
        string count = shell.Execute($"(Get-PageCache {PowerShell.Quote(folder)} -Recurse).Count");
        if (count != settings.Files.ToString(System.Globalization.CultureInfo.InvariantCulture))
            throw new CommandFailedException($"Get-PageCache found {count} files.");
        // What was just written is on its way to the disk; asking writes nothing, so once is enough.
        Place.Settle();
        InterleavedRun run = new(prepare: () => { }, check: () => { });
        Contender[] contenders =
        [
            new(Command, () => shell.Time($"Get-PageCache {PowerShell.Quote(folder)} -Recurse")),
            new(Detailed, () => shell.Time($"Get-PageCache {PowerShell.Quote(folder)} -Recurse -Detailed")),
            new(Vmtouch, () => ProcessTimer.Time(Vmtouch, ["-q", folder])),
        ];
        Samples samples = run.MeasureAll(contenders, settings.Rounds);
        section.Add(RatioTable.Of(place.Name, samples, Vmtouch, ("per file", seconds => Figures.Microseconds(seconds / settings.Files))));
        section.Add(Target.AtMost($"{place.Name}: Get-PageCache over vmtouch", samples.Ratio(Command, Vmtouch), 0.5));
    }
}
