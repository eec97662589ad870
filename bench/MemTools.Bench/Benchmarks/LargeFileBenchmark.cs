using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>One large file whose pages are in memory: how fast do the bytes move?</summary>
internal sealed class LargeFileBenchmark : IBenchmark
{
    internal const string Auto = "Copy-FileZeroCopy (Auto)";
    internal const string Cp = "cp --preserve=mode,timestamps";
    internal const string CopyItem = "Copy-Item";

    /// <summary>What Copy-Item calls: cuts the destination to nothing first, which makes ext4 write it out at close(2).</summary>
    internal const string FileCopy = "[IO.File]::Copy, overwrite";

    /// <summary>Fails where the destination exists, and so leaves out the cut.</summary>
    internal const string FileCopyNew = "[IO.File]::Copy, no overwrite";

    internal static readonly string[] Methods =
        ["Reflink", "CopyFileRange", "Sendfile", "Splice", "Mmap", "DirectIO", "ReadWrite"];

    public string Name => "large";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"One file of {Figures.Size(settings.LargeBytes)}, its pages in memory");
        foreach (Place place in Place.Available(2 * settings.LargeBytes, section.Note))
        {
            using (place)
                Measure(place, settings, section);
        }

        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, Section section)
    {
        string source = place.PathOf("source");
        string destination = place.PathOf("destination");
        TestFiles.Fill(source, settings.LargeBytes);
        using PowerShellHost shell = new(settings.Module);
        InterleavedRun run = new(
            prepare: () =>
            {
                File.Delete(destination);
                TestFiles.Warm(source);
                Place.Settle();
            },
            check: () => Expect(destination, settings.LargeBytes));
        Samples samples = run.Measure([.. Contenders(shell, source, destination)], settings.Rounds);
        section.Add(Table(place, samples, settings.LargeBytes));
        foreach ((string name, string why) in run.Refused)
            section.NoteRefusal(place, name, why);
        section.Add(Target.AtMost($"{place.Name}: Auto over cp", samples.Ratio(Auto, Cp), 1.0));
        if (place is not Ext4Image)
            return;
        section.Add(Target.AtMost("ext4: Auto over Copy-Item", samples.Ratio(Auto, CopyItem), 0.5));
        section.Add(Target.AtMost("ext4: Auto over File.Copy, overwrite", samples.Ratio(Auto, FileCopy), 0.5));
        section.Add(Target.AtMost("ext4: Auto over File.Copy, no overwrite", samples.Ratio(Auto, FileCopyNew), 0.5));
    }

    private static IEnumerable<Contender> Contenders(PowerShellHost shell, string source, string destination)
    {
        string files = $"{PowerShell.Quote(source)} {PowerShell.Quote(destination)}";
        yield return new(Auto, () => shell.Time($"Copy-FileZeroCopy {files}"));
        foreach (string method in Methods)
            yield return new($"-Method {method}", () => shell.Time($"Copy-FileZeroCopy {files} -Method {method}"));
        yield return new(Cp, () => ProcessTimer.Time("cp", ["--preserve=mode,timestamps", source, destination]));
        if (ProcessTimer.IsOnPath("rsync"))
            yield return new("rsync -W --times --perms", () => ProcessTimer.Time("rsync", ["-W", "--times", "--perms", source, destination]));
        string arguments = $"{PowerShell.Quote(source)}, {PowerShell.Quote(destination)}";
        yield return new(FileCopy, () => shell.Time($"[IO.File]::Copy({arguments}, $true)"));
        yield return new(FileCopyNew, () => shell.Time($"[IO.File]::Copy({arguments})"));
        yield return new(CopyItem, () => shell.Time($"Copy-Item {files}"));
    }

    private static void Expect(string destination, long length)
    {
        if (new FileInfo(destination).Length != length)
            throw new CommandFailedException("The copy does not have the length of the source.");
    }

    private static Table Table(Place place, Samples samples, long bytes)
    {
        Table table = new(
            place.Name, "median", "fastest", "slowest", "GB/s", "x cp", "x File.Copy", "x Copy-Item");
        foreach (string name in samples.Names.OrderBy(samples.Median))
        {
            table.AddRow(
                $"`{name}`",
                Figures.Milliseconds(samples.Median(name)),
                Figures.Milliseconds(samples.Smallest(name)),
                Figures.Milliseconds(samples.Largest(name)),
                Figures.Rate(bytes / samples.Median(name)),
                Figures.Ratio(samples.Ratio(name, Cp)),
                Figures.Ratio(samples.Ratio(name, FileCopy)),
                Figures.Ratio(samples.Ratio(name, CopyItem)));
        }

        return table;
    }
}
