using System.Globalization;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;

namespace MemTools.Bench.Benchmarks;

/// <summary>
/// How much processor time of the shell does Compare-ZeroCopyMethod take besides that of the copies that it reports? To
/// /dev/null, where nobody else works: to a socket the draining thread does, and to a file the scratch is taken away again.
/// </summary>
/// <remarks>
/// All threads of the shell count. It runs without tiered compilation: for minutes after its start .NET would compile
/// PowerShell's own methods anew in the background, which takes as long as some copies and is no work of the command.
/// </remarks>
internal sealed class ComparisonBenchmark : IBenchmark
{
    private const double MostAllowed = 0.02;

    private static readonly Dictionary<string, string> CompiledOnce = new() { ["DOTNET_TieredCompilation"] = "0" };

    public string Name => "comparison";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Processor time of Compare-ZeroCopyMethod outside the copies of {Figures.Size(settings.LargeBytes)}");
        Table table = new("place", "of the shell", "of the copies", "outside");
        foreach (Place place in Place.Available(settings.LargeBytes, section.Note))
        {
            using (place)
                Measure(place, settings, section, table);
        }

        section.Add(table);
        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, Section section, Table table)
    {
        TestFiles.Fill(place.PathOf("large"), settings.LargeBytes);
        using PowerShellHost shell = new(CompiledOnce, settings.Module);
        string compare = $"Compare-ZeroCopyMethod {PowerShell.Quote(place.PathOf("large"))} -ToNull -Method ReadWrite, Mmap, Sendfile, Splice -Count {settings.Rounds}";
        // Once before, so that compiling is not counted.
        shell.Execute($"$null = {compare}");
        const string used = "[Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.TotalSeconds";
        string answer = shell.Execute(
            $"$u = {used}; $r = {compare}; $u = {used} - $u; $c = 0; "
            + "$r | ForEach-Object { $c += ($_.UserTime + $_.KernelTime).TotalSeconds * $_.Runs }; "
            + "[string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', $u, $c)");
        double[] seconds = [.. answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        double outside = Math.Max(0, 1 - (seconds[1] / seconds[0]));
        table.AddRow(place.Name, Figures.Milliseconds(seconds[0]), Figures.Milliseconds(seconds[1]), Figures.Ratio(outside));
        section.Add(Target.AtMost($"{place.Name}: outside the copies, of all", outside, MostAllowed));
    }
}
