using System.Globalization;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;

namespace MemTools.Bench.Benchmarks;

/// <summary>By how much does the shell's resident memory peak above what it was while a large file is copied?</summary>
internal sealed class MemoryBenchmark : IBenchmark
{
    private const double MostAllowed = 8 * 1024 * 1024;
    private const int WarmUps = 40;

    public string Name => "memory";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"Resident memory while {Figures.Size(settings.MemoryBytes)} are copied");
        foreach (Place place in Place.Available(2 * settings.MemoryBytes, section.Note))
        {
            using (place)
                Measure(place, settings, section);
        }

        return section;
    }

    private static void Measure(Place place, BenchmarkSettings settings, Section section)
    {
        TestFiles.Fill(place.PathOf("small"), 4 * 1024 * 1024);
        TestFiles.Fill(place.PathOf("large"), settings.MemoryBytes);
        Table table = new(place.Name, "before", "at the peak", "growth");
        foreach (string method in (string[])["Auto", .. LargeFileBenchmark.Methods])
        {
            try
            {
                (double before, double peak) = Measure(place, settings, method);
                table.AddRow(method, Figures.Mebibytes(before), Figures.Mebibytes(peak), Figures.Mebibytes(peak - before));
                section.Add(Target.AtMost($"{place.Name}, {method}: growth", peak - before, MostAllowed, Figures.Mebibytes));
            }
            catch (CommandFailedException e)
            {
                section.NoteRefusal(place, method, e.Message);
            }
        }

        section.Add(table);
    }

    /// <summary>In a pwsh of its own, in which the method has been used before: its code is there already.</summary>
    private static (double Before, double Peak) Measure(Place place, BenchmarkSettings settings, string method)
    {
        using PowerShellHost shell = new(settings.Module);
        string destination = place.PathOf("destination");
        string copy = $"{PowerShell.Quote(destination)} -Method {method} | Out-Null";
        Status(shell, "VmHWM");
        for (int i = 0; i < WarmUps; i++)
            shell.Execute($"Copy-FileZeroCopy {PowerShell.Quote(place.PathOf("small"))} {copy}");
        // What has run often enough is compiled once more, in the background, after a tenth of a second of quiet.
        shell.Execute("Start-Sleep -Milliseconds 500");
        shell.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::Collect()");
        // 5 sets the peak back to what is resident now (proc_pid_clear_refs(5)).
        shell.Execute("[IO.File]::WriteAllText('/proc/self/clear_refs', '5')");
        double before = Status(shell, "VmHWM");
        shell.Execute($"Copy-FileZeroCopy {PowerShell.Quote(place.PathOf("large"))} {copy}");
        double peak = Status(shell, "VmHWM");
        File.Delete(destination);
        return (before, peak);
    }

    private static double Status(PowerShellHost shell, string field)
    {
        string line = shell.Execute($"[IO.File]::ReadAllLines('/proc/self/status') -match '^{field}:'");
        string kibibytes = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1];
        return double.Parse(kibibytes, CultureInfo.InvariantCulture) * 1024;
    }
}
