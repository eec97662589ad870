using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>A large file in memory, read piece by piece into one buffer: what does never raising SIGBUS cost?</summary>
internal sealed class MappedReadBenchmark : IBenchmark
{
    private const string Command = "Read-MappedFile -Into";
    private const string Method = "$file.Read(…)";
    private const string Peer = "C, a loop of pread(2)";

    public string Name => "mapped";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"A mapped file of {Figures.Size(settings.LargeBytes)}, in memory, read in pieces of 1 MiB into one buffer");
        if (!CompiledPeer.HasCompiler)
        {
            section.Note("Not measured: there is no C compiler (cc) on PATH to make the peer with.");
            return section;
        }

        using CompiledPeer peer = CompiledPeer.Of("pread_loop.c");
        foreach (Place place in Place.Available(settings.LargeBytes, section.Note))
        {
            using (place)
                Measure(place, settings, peer, section);
        }

        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, CompiledPeer peer, Section section)
    {
        string path = place.PathOf("file");
        TestFiles.Fill(path, settings.LargeBytes);
        using PowerShellHost shell = new(settings.Module);
        shell.Execute($"$file = Open-MappedFile {PowerShell.Quote(path)}; $buffer = [byte[]]::new(1MB)");
        InterleavedRun run = new(prepare: () => TestFiles.Warm(path), check: () => { });
        Contender[] contenders =
        [
            new(Command, () => shell.Time("for ($at = 0L; $at -lt $file.Length; $at += 1MB) { Read-MappedFile $file $at -Into $buffer }")),
            new(Method, () => shell.Time("for ($at = 0L; $at -lt $file.Length; $at += 1MB) { $file.Read($at, $buffer, 0, 1MB) }")),
            new(Peer, () => peer.Time(path, "1048576")),
        ];
        Samples samples = run.Measure(contenders, settings.Rounds);
        Table table = new(place.Name, "median", "fastest", "slowest", "GB/s", "x C");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                $"`{name}`",
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Rate(settings.LargeBytes / samples.Median(name)),
                Figures.Ratio(samples.Ratio(name, Peer)));
        }

        section.Add(table);
        // 0.95 times the speed.
        section.Add(Target.AtMost($"{place.Name}: time of {Command} over that of C", samples.Ratio(Command, Peer), 1 / 0.95));
    }
}
