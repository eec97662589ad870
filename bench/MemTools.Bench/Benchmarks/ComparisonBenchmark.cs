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
/// All threads of the shell count. The target is for a shell without tiered compilation: with it .NET compiles PowerShell's
/// own methods anew in the background for minutes after the start, which takes as long as some copies and is no work of
/// the command. The table shows both.
/// </remarks>
internal sealed class ComparisonBenchmark : IBenchmark
{
    private const double MostAllowed = 0.02;

    /// <summary>Of the runs that are compared; the share does not depend on their number.</summary>
    private const int MostRuns = 5;

    private static readonly Dictionary<string, string> CompiledOnce = new() { ["DOTNET_TieredCompilation"] = "0" };
    private static readonly Dictionary<string, string> AsStarted = [];

    public string Name => "comparison";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Processor time of Compare-ZeroCopyMethod outside the copies of {Figures.Size(settings.LargeBytes)}");
        Table table = new("place and shell", "of the shell", "of the copies", "outside");
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
        string path = place.PathOf("large");
        TestFiles.Fill(path, settings.LargeBytes);
        int runs = Math.Min(settings.Rounds, MostRuns);
        AddRow(table, $"{place.Name}, as it starts", Share(AsStarted, path, runs, settings));
        (double shell, double copies) = Share(CompiledOnce, path, runs, settings);
        AddRow(table, $"{place.Name}, methods compiled once", (shell, copies));
        section.Add(Target.AtMost($"{place.Name}: outside the copies, of all", Outside(shell, copies), MostAllowed));
    }

    private static void AddRow(Table table, string name, (double Shell, double Copies) seconds) => table.AddRow(
        name,
        Figures.Milliseconds(seconds.Shell),
        Figures.Milliseconds(seconds.Copies),
        Figures.Ratio(Outside(seconds.Shell, seconds.Copies)));

    private static double Outside(double shell, double copies) => Math.Max(0, 1 - (copies / shell));

    /// <summary>Processor seconds of the shell while it compares, and those that the comparison reports.</summary>
    private static (double Shell, double Copies) Share(
        Dictionary<string, string> environment, string path, int runs, BenchmarkSettings settings)
    {
        using PowerShellHost shell = new(environment, settings.Module);
        string compare = $"Compare-ZeroCopyMethod {PowerShell.Quote(path)} -ToNull -Method ReadWrite, Mmap, Sendfile, Splice -Count {runs}";
        // Once before, so that compiling is not counted.
        shell.Execute($"$null = {compare}");
        const string used = "[Diagnostics.Process]::GetCurrentProcess().TotalProcessorTime.TotalSeconds";
        string answer = shell.Execute(
            $"$u = {used}; $r = {compare}; $u = {used} - $u; $c = 0; "
            + "$r | ForEach-Object { $c += ($_.UserTime + $_.KernelTime).TotalSeconds * $_.Runs }; "
            + "[string]::Format([cultureinfo]::InvariantCulture, '{0} {1}', $u, $c)");
        double[] seconds = [.. answer.Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return (seconds[0], seconds[1]);
    }
}
