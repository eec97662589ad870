using System.CommandLine;
using MemTools.Bench;
using MemTools.Bench.Benchmarks;
using MemTools.Bench.Network;

IBenchmark[] benchmarks =
[
    new LargeFileBenchmark(), new SmallFilesBenchmark(), new TreesBenchmark(), new StartupBenchmark(), new MemoryBenchmark(), new MapsBenchmark(),
    new ComparisonBenchmark(), new MappedReadBenchmark(), new PageCacheBenchmark(), new QueuesBenchmark(), new RingsBenchmark(),
    new PoolsBenchmark(), new NetworkBenchmark(),
];

// The processes that benchmarks start; no commands of anybody's.
if (args is [SharedRingReader.Argument])
    return SharedRingReader.Serve();
if (args is [RawPeer.Argument])
    return RawPeer.Serve();

BenchmarkOptions options = new();
RootCommand root = new("Measures the commands beside the tools that do the same work, in one run.");
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
