using System.CommandLine;
using MemTools.Bench;
using MemTools.Bench.Benchmarks;

IBenchmark[] benchmarks =
    [new LargeFileBenchmark(), new SmallFilesBenchmark(), new StartupBenchmark(), new MemoryBenchmark()];

BenchmarkOptions options = new();
RootCommand root = new("Measures Copy-FileZeroCopy beside cp, rsync, File.Copy and Copy-Item, in one run on the same files.");
options.AddTo(root);
foreach (IBenchmark benchmark in benchmarks)
    root.Add(CommandFor(benchmark.Name, [benchmark]));
root.Add(CommandFor("all", benchmarks));
return root.Parse(args).Invoke();

Command CommandFor(string name, IReadOnlyList<IBenchmark> chosen)
{
    Command command = new(name, $"Runs: {string.Join(", ", chosen.Select(benchmark => benchmark.Name))}.");
    command.SetAction(result => BenchmarkRunner.Run(chosen, options, result));
    return command;
}
