using System.Globalization;
using MemTools.Bench.Places;
using MemTools.Bench.Report;
using MemTools.Bench.Running;
using MemTools.Bench.Statistics;

namespace MemTools.Bench.Benchmarks;

/// <summary>A process with very many regions: what does Get-MemoryMap cost beside the kernel's making of the text?</summary>
internal sealed class MapsBenchmark : IBenchmark
{
    private const string Detailed = "Get-MemoryMap -Detailed";
    private const string Plain = "Get-MemoryMap";
    private const string Summary = "Get-MemoryMap -Summary";
    private const string Cat = "cat /proc/PID/smaps >/dev/null";
    private const string CatMaps = "cat /proc/PID/maps >/dev/null";

    public string Name => "maps";

    public Section Measure(BenchmarkSettings settings)
    {
        Section section = new(Name, $"The memory map of a process with {settings.Regions:N0} regions");
        using Place place = new TmpfsPlace();
        using PowerShellHost target = new(settings.Module);
        int process = int.Parse(target.Execute("$PID"), CultureInfo.InvariantCulture);
        Fill(target, place.PathOf("mapped"), settings.Regions);
        using PowerShellHost shell = new(settings.Module);
        InterleavedRun run = new(
            prepare: () => shell.Execute("[GC]::Collect(); [GC]::WaitForPendingFinalizers()"),
            check: () => { });
        Expect(shell, process, settings.Regions);
        Samples samples = run.Measure(
            [
                new(Detailed, () => shell.Time($"Get-MemoryMap {process} -Detailed")),
                new(Plain, () => shell.Time($"Get-MemoryMap {process}")),
                new(Summary, () => shell.Time($"Get-MemoryMap {process} -Summary")),
                new(Cat, () => ProcessTimer.Time("sh", ["-c", $"exec cat /proc/{process}/smaps >/dev/null"])),
                new(CatMaps, () => ProcessTimer.Time("sh", ["-c", $"exec cat /proc/{process}/maps >/dev/null"])),
            ],
            settings.Starts);
        section.Add(RatioTable.Of("command", samples, Cat, ("a region", seconds => Figures.Microseconds(seconds / settings.Regions))));
        section.Add(Target.AtMost("-Detailed over cat of smaps", samples.Ratio(Detailed, Cat), 1.2));
        return section;
    }

    /// <summary>Views on the same page of a file: no two can become one region. Each is touched.</summary>
    private static void Fill(PowerShellHost target, string path, int regions)
    {
        string file = PowerShell.Quote(path);
        target.Execute($"[IO.File]::WriteAllBytes({file}, [byte[]]::new(4096))");
        target.Execute($"$file = [IO.MemoryMappedFiles.MemoryMappedFile]::CreateFromFile({file})");
        string count = regions.ToString(CultureInfo.InvariantCulture);
        target.Execute($"$views = 1..{count} | ForEach-Object {{ $view = $file.CreateViewAccessor(0, 4096); $null = $view.ReadByte(0); $view }}");
    }

    private static void Expect(PowerShellHost shell, int process, int regions)
    {
        for (int i = 0; i < 20; i++)
            shell.Execute($"$regions = @(Get-MemoryMap {process} -Detailed).Count");
        int found = int.Parse(shell.Execute("$regions"), CultureInfo.InvariantCulture);
        if (found < regions)
            throw new CommandFailedException($"{found} regions were found, not {regions} and more.");
    }
}
