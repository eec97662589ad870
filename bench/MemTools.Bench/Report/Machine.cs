using MemTools.Bench.Running;

namespace MemTools.Bench.Report;

/// <summary>On what the figures were measured.</summary>
internal static class Machine
{
    internal static string Describe()
    {
        string memory = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GiB of memory";
        string kernel = $"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}";
        string[] programs = ["pwsh", "cp", "rsync"];
        IEnumerable<string> versions = programs.Where(ProcessTimer.IsOnPath).Select(Version);
        return $"{Processor()}, {Environment.ProcessorCount} processors, {memory}, {kernel}, {string.Join(", ", versions)}.";
    }

    private static string Processor()
    {
        string? line = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 2)..]
            ?? System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string Version(string program)
    {
        string line = ProcessTimer.FirstLine(program, "--version");
        // "rsync  version 3.2.7  protocol version 31" and "cp (GNU coreutils) 9.1" alike.
        string number = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(word => char.IsAsciiDigit(word[0])) ?? line;
        return $"{program} {number}";
    }
}
