using System.Globalization;
using System.Text.Json;
using MemTools.Tests.Support;

namespace MemTools.Tests.Faults;

/// <summary>Processor time, switches and faults that memtools compare states, against what perf counted of the same process.</summary>
/// <remarks>
/// perf counts the whole process, the runtime's start and compiling too, so that is the upper bound. Of the pages that a call
/// fills (madvise) it counts no fault, while getrusage(2) does: the method that maps would differ by that.
/// </remarks>
public sealed class ComparedUsageTests
{
    private const long Length = 64 * 1024 * 1024;
    private const int Runs = 40;

    [SkippableFact]
    public void CopiesAreMostOfWhatPerfCountsAndNeverMore()
    {
        using ProcessFolder folder = new();
        (JsonElement row, Dictionary<string, double> perf) = Compare(folder, folder.Write("source", Length, seed: 1));
        double seconds = Runs * (Time(row, "UserTime") + Time(row, "KernelTime")).TotalSeconds;
        Assert.InRange(seconds, 0.4 * perf["task-clock"] / 1000, perf["task-clock"] / 1000);
        Assert.InRange(Number(row, "VoluntarySwitches") + Number(row, "InvoluntarySwitches"), 0, perf["context-switches"]);
        Assert.InRange(Number(row, "MinorFaults"), 0, perf["minor-faults"]);
    }

    private static TimeSpan Time(JsonElement row, string name) => TimeSpan.Parse(row.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static double Number(JsonElement row, string name) => row.GetProperty(name).GetDouble();

    private static (JsonElement Row, Dictionary<string, double> Perf) Compare(ProcessFolder folder, string source)
    {
        string perf = Tool.Need("perf", "linux-perf");
        string log = folder["perf.log"];
        const string events = "task-clock,minor-faults,context-switches";
        Skip.IfNot(Tool.Run(perf, "stat", "-e", events, "true").ExitCode == 0, "perf may not count here");
        string[] before = [perf, "stat", "-x", ",", "-o", log, "-e", events];
        string[] compare = ["compare", "--json", "--count", Runs.ToString(CultureInfo.InvariantCulture), "--method", "ReadWrite", "--to-null", source];
        using ProcessRun run = ProcessRun.Start([.. before, .. ProcessMemTools.Command, .. compare]);
        ProcessResult result = run.Wait();
        Assert.True(result.ExitCode == 0, result.ToString());
        return (JsonDocument.Parse(result.Output).RootElement, Read(log));
    }

    /// <summary>Lines of value, unit and event, which ends with what of a process was counted.</summary>
    private static Dictionary<string, double> Read(string log) => File.ReadLines(log)
        .Select(line => line.Split(','))
        .Where(fields => fields.Length > 2)
        .ToDictionary(fields => fields[2].Split(':')[0], fields => double.Parse(fields[0], CultureInfo.InvariantCulture));
}
