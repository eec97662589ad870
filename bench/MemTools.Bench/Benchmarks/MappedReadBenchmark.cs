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
    private const string Floor = "a command that does nothing, as often";
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
        using PowerShellHost shell = new(settings.Module, BenchmarkSettings.NoOpModule);
        shell.Execute($"$file = Open-MappedFile {PowerShell.Quote(path)}; $buffer = [byte[]]::new(1MB)");
        // As functions, so that PowerShell compiles each loop once, as the C compiler did.
        shell.Execute($"function Read-ByCommand {{ {Loop("Read-MappedFile $file $at -Into $buffer")} }}");
        shell.Execute($"function Read-ByMethod {{ {Loop("$file.Read($at, $buffer, 0, 1MB)")} }}");
        shell.Execute($"function Read-Nothing {{ {Loop("Invoke-NoOp -InputObject $file")} }}");
        TestFiles.Warm(path);
        InterleavedRun run = new(prepare: () => { }, check: () => { });
        Contender[] contenders =
        [
            new(Command, () => shell.Time("Read-ByCommand")),
            new(Method, () => shell.Time("Read-ByMethod")),
            new(Floor, () => shell.Time("Read-Nothing")),
            new(Peer, () => peer.Time(path, "1048576")),
        ];
        Samples samples = run.MeasureAll(contenders, settings.Rounds);
        section.Add(RatioTable.Of(place.Name, samples, Peer, ("GB/s", seconds => Figures.Rate(settings.LargeBytes / seconds))));
        // 0.95 times the speed.
        foreach (string name in (string[])[Command, Method])
            section.Add(Target.AtMost($"{place.Name}: time of {name} over that of C", samples.Ratio(name, Peer), 1 / 0.95));
    }

    private static string Loop(string body) => $"for ($at = 0L; $at -lt $file.Length; $at += 1MB) {{ {body} }}";
}
