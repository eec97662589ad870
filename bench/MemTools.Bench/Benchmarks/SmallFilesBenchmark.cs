using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>Many small files, piped to the cmdlet one by one: what does a file cost?</summary>
internal sealed class SmallFilesBenchmark : IBenchmark
{
    private const double MostAllowed = 1.3;
    private const string Cp = "cp of the whole list in one call";
    private const string FromObjects = "FileInfo objects";
    private const string FromStrings = "path strings";

    public string Name => "small";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(
            Name, $"{settings.Files:N0} files of {Figures.Size(settings.FileSize)}, piped one by one");
        long bytes = settings.Files * (settings.FileSize + 8192L) * 2;
        foreach (Place place in Place.Available(bytes, section.Note))
        {
            using (place)
                Measure(place, settings, section);
        }

        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, Section section)
    {
        string source = place.PathOf("s");
        string destination = place.PathOf("d");
        string[] names = Fill(source, settings);
        using PowerShellHost shell = new(settings.Module, BenchmarkSettings.NoOpModule);
        shell.Execute($"$objects = Get-ChildItem {PowerShell.Quote(source)}");
        shell.Execute("$strings = $objects.FullName");
        InterleavedRun run = new(
            prepare: () =>
            {
                if (Directory.Exists(destination))
                    Directory.Delete(destination, recursive: true);
                Directory.CreateDirectory(destination);
                shell.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers()");
                Place.Settle();
            },
            check: () => Expect(destination, settings.Files));
        Samples samples = run.Measure([.. Contenders(shell, source, destination, names)], settings.Rounds);
        section.Add(Table(place, samples, settings.Files));
        foreach (string input in (string[])[FromObjects, FromStrings])
        {
            double ratio = samples.Ratio(Copies(input), Cp, NoOp(input));
            section.Add(Target.AtMost($"{place.Name}, {input}: ours over cp + no-op pipeline", ratio, MostAllowed));
        }
    }

    private static string[] Fill(string directory, BenchmarkSettings settings)
    {
        Directory.CreateDirectory(directory);
        byte[] content = new byte[settings.FileSize];
        Random random = new(1);
        string[] names = [.. Enumerable.Range(0, settings.Files).Select(number => $"f{number:D5}")];
        foreach (string name in names)
        {
            random.NextBytes(content);
            File.WriteAllBytes(Path.Combine(directory, name), content);
        }

        return names;
    }

    private static IEnumerable<Contender> Contenders(PowerShellHost shell, string source, string destination, string[] names)
    {
        string target = PowerShell.Quote(destination);
        string[] arguments = ["--preserve=mode,timestamps", "-t", destination, .. names];
        yield return new(Copies(FromObjects), () => shell.Time($"$objects | Copy-FileZeroCopy -Destination {target}"));
        yield return new(Copies(FromStrings), () => shell.Time($"$strings | Copy-FileZeroCopy -Destination {target}"));
        yield return new(NoOp(FromObjects), () => shell.Time("$objects | Invoke-NoOp"));
        yield return new(NoOp(FromStrings), () => shell.Time("$strings | Invoke-NoOp"));
        yield return new(Cp, () => ProcessTimer.Time("cp", arguments, source));
        yield return new("Copy-Item, from FileInfo objects", () => shell.Time($"$objects | Copy-Item -Destination {target}"));
        if (ProcessTimer.IsOnPath("rsync"))
        {
            yield return new(
                "rsync -W --times --perms of the directory",
                () => ProcessTimer.Time("rsync", ["-W", "-r", "--times", "--perms", source + "/", destination]));
        }
    }

    private static string Copies(string input) => $"Copy-FileZeroCopy, from {input}";

    private static string NoOp(string input) => $"no-op cmdlet, from {input}";

    private static void Expect(string destination, int files)
    {
        int found = Directory.EnumerateFiles(destination).Count();
        // The no-op pipeline leaves none.
        if (found != files && found != 0)
            throw new CommandFailedException($"{found} files were copied, not {files}.");
    }

    private static Table Table(Place place, Samples samples, int files)
    {
        Table table = new(place.Name, "median", "fastest", "slowest", "a file");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                name,
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Microseconds(samples.Median(name) / files));
        }

        return table;
    }
}
