using System.CommandLine;
using MemTools.Bench.Benchmarks;
using MemTools.Bench.Report;
using MemTools.Bench.Running;

namespace MemTools.Bench;

/// <summary>Runs benchmarks one after another and hands on what they found.</summary>
internal static class BenchmarkRunner
{
    private const int Misuse = 2;

    internal static int Run(IEnumerable<IBenchmark> benchmarks, BenchmarkOptions options, ParseResult result)
    {
        BenchmarkSettings settings = options.Settings(result);
        if (!File.Exists(Path.Combine(settings.Module, "MemTools.psd1")))
        {
            Console.Error.WriteLine($"There is no built module in {settings.Module}. Build it first: ./build.ps1 -Task Build");
            return Misuse;
        }

        if (!ProcessTimer.IsOnPath("pwsh"))
        {
            Console.Error.WriteLine("pwsh is not on PATH, and what is measured runs in it.");
            return Misuse;
        }

        string machine = Machine.Describe();
        foreach (IBenchmark benchmark in benchmarks)
        {
            Console.Error.WriteLine(benchmark.Name);
            Section section = benchmark.Measure(settings);
            string markdown = section.ToMarkdown(machine, Command(benchmark, result));
            Console.WriteLine(markdown);
            if (options.Output(result) is { } path)
                PerformanceDocument.Replace(path, section, markdown);
        }

        return 0;
    }

    /// <summary>The command that does the same again, but for where it writes.</summary>
    private static string Command(IBenchmark benchmark, ParseResult result)
    {
        string[] sizes = ["--files", "--file-size", "--rounds", "--starts", "--large-size", "--memory-size", "--regions"];
        IEnumerable<string> given = result.Tokens.Select(token => token.Value)
            .Zip(result.Tokens.Select(token => token.Value).Skip(1))
            .Where(pair => sizes.Contains(pair.First))
            .Select(pair => $" {pair.First} {pair.Second}");
        return $"dotnet run -c Release --project bench/MemTools.Bench -- {benchmark.Name}{string.Concat(given)}";
    }
}
