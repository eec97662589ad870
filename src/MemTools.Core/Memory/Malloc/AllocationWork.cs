using System.Text.Json.Serialization;
using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>Which experiment with malloc.</summary>
internal enum AllocationExperiment
{
    Trace,
    FindThreshold,
    Dynamic,
    PinTop,
}

/// <summary>What a worker is to do with malloc.</summary>
internal sealed record AllocationRequest(AllocationExperiment Experiment, ulong[] Sizes)
{
    /// <summary>Null leaves glibc's own.</summary>
    public int? MmapThreshold { get; init; }

    public int? TrimThreshold { get; init; }

    public int? TopPad { get; init; }

    /// <summary>Whether the top is left as the block before left it.</summary>
    public bool KeepTop { get; init; }

    /// <summary>How many blocks pin the top.</summary>
    public int Count { get; init; }
}

/// <summary>What came of it; the list of the experiment is filled.</summary>
internal sealed record AllocationAnswer
{
    public AllocationTrace[] Traces { get; init; } = [];

    public ThresholdSearch? Search { get; init; }

    public ThresholdRise[] Rises { get; init; } = [];

    public PinnedTopStep[] Steps { get; init; } = [];
}

/// <summary>How they travel.</summary>
[JsonSerializable(typeof(AllocationRequest))]
[JsonSerializable(typeof(AllocationAnswer))]
internal sealed partial class AllocationJson : JsonSerializerContext;

/// <summary>The worker's task.</summary>
internal static class AllocationWork
{
    internal static readonly WorkerTask<AllocationRequest, AllocationAnswer> Task = new(
        "trace-allocation", AllocationLaboratory.Run, AllocationJson.Default.AllocationRequest, AllocationJson.Default.AllocationAnswer);
}
