namespace MemTools.Bench.Benchmarks;

/// <summary>What the command line says.</summary>
internal sealed record BenchmarkSettings
{
    /// <summary>The built module.</summary>
    internal required string Module { get; init; }

    internal required int Files { get; init; }

    internal required int FileSize { get; init; }

    internal required int Rounds { get; init; }

    internal required int Starts { get; init; }

    internal required long LargeBytes { get; init; }

    internal required long MemoryBytes { get; init; }

    internal required int Regions { get; init; }

    internal static string NoOpModule => Path.Combine(AppContext.BaseDirectory, "MemTools.Bench.NoOp.dll");
}
