using MemTools.Bench.Report;

namespace MemTools.Bench.Benchmarks;

/// <summary>One of the questions that the program answers.</summary>
internal interface IBenchmark
{
    /// <summary>The command that runs it, and the name of its section in the document.</summary>
    string Name { get; }

    Section Measure(BenchmarkSettings settings);
}
