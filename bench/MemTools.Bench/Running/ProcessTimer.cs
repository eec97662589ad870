using System.Diagnostics;

namespace MemTools.Bench.Running;

/// <summary>Times programs from just before their start to their exit. What starting costs is part of it.</summary>
internal static class ProcessTimer
{
    internal static double Time(string program, IEnumerable<string> arguments, string? directory = null)
    {
        ProcessStartInfo start = new(program) { UseShellExecute = false };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        if (directory is not null)
            start.WorkingDirectory = directory;
        return Time(start);
    }

    internal static double Time(ProcessStartInfo start)
    {
        long begun = Stopwatch.GetTimestamp();
        using Process process = Process.Start(start)
            ?? throw new InvalidOperationException($"{start.FileName} could not be started.");
        process.WaitForExit();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return process.ExitCode == 0
            ? seconds
            : throw new CommandFailedException($"{start.FileName} ended with exit code {process.ExitCode}.");
    }

    /// <summary>The first line that a program prints, such as its version.</summary>
    internal static string FirstLine(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program) { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        string line = process.StandardOutput.ReadLine() ?? string.Empty;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return line;
    }

    /// <summary>Runs a program that has to succeed.</summary>
    internal static void Run(string program, params string[] arguments) => Time(program, arguments);

    internal static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(':')
            .Any(directory => File.Exists(Path.Combine(directory, program)));
}
