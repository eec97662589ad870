using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>What does the module add to the start of pwsh?</summary>
internal sealed class StartupBenchmark : IBenchmark
{
    private const string Bare = "pwsh -NoProfile";
    private const string Import = "and Import-Module";
    private const string FirstCopy = "and the first copy";
    private const string ShownCopy = "and the first copy, its result shown as a table";

    public string Name => "startup";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, "Importing the module, and the first copy of a small file");
        using Place place = new TmpfsPlace();
        string source = place.PathOf("source");
        string destination = place.PathOf("destination");
        File.WriteAllBytes(source, new byte[2048]);
        string import = $"Import-Module {PowerShell.Quote(settings.Module)}";
        string copy = $"Copy-FileZeroCopy {PowerShell.Quote(source)} {PowerShell.Quote(destination)}";
        InterleavedRun run = new(prepare: () => File.Delete(destination), check: () => { });
        Samples samples = run.Measure(
            [
                Start(Bare, "exit"),
                Start(Import, import),
                Start(FirstCopy, $"{import}; {copy} | Out-Null"),
                Start(ShownCopy, $"{import}; {copy}"),
            ],
            settings.Starts);
        section.Add(Table(samples));
        section.Add(Target.AtMost("import, over bare pwsh", samples.Extra(Import, Bare), 0.090, Figures.Milliseconds));
        section.Add(Target.AtMost("import and first copy, over bare pwsh", samples.Extra(FirstCopy, Bare), 0.150, Figures.Milliseconds));
        return section;
    }

    private static Contender Start(string name, string command) => new(name, () =>
    {
        System.Diagnostics.ProcessStartInfo start = PowerShell.StartInfo("-Command", command);
        start.RedirectStandardOutput = true;
        return ProcessTimer.Time(start);
    });

    private static Table Table(Samples samples)
    {
        Table table = new("start", "median", "fastest", "slowest", "more than bare pwsh");
        foreach (string name in samples.Names)
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Milliseconds(samples.Extra(name, Bare)));
        }

        return table;
    }
}
