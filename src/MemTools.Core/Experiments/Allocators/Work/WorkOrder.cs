using System.Text.Json.Serialization;

namespace MemTools.Experiments;

/// <summary>What a worker is asked to measure.</summary>
/// <param name="Allocator">Where the blocks come from.</param>
/// <param name="Library">The preloaded file that malloc has to come from; null where nothing was preloaded.</param>
/// <param name="Pattern">The order of allocating and releasing.</param>
/// <param name="Touch">What is written into the blocks.</param>
/// <param name="Size">Bytes of a block.</param>
/// <param name="Count">Blocks of a round.</param>
/// <param name="Threads">Threads that share them.</param>
/// <param name="CountCalls">Whether one more round is to be done, in which the kernel counts system calls.</param>
internal sealed record WorkOrder(
    AllocatorKind Allocator,
    string? Library,
    AllocationPattern Pattern,
    BlockTouch Touch,
    long Size,
    long Count,
    int Threads,
    bool CountCalls);

/// <summary>What the rounds of one process came to.</summary>
internal sealed record SpeedAnswer
{
    public string? Library { get; init; }

    public double FirstNanoseconds { get; init; }

    public double Nanoseconds { get; init; }

    public double? LoopNanoseconds { get; init; }

    public long UserMicroseconds { get; init; }

    public long KernelMicroseconds { get; init; }

    public long MinorFaults { get; init; }

    public long MajorFaults { get; init; }

    public long VoluntarySwitches { get; init; }

    public long InvoluntarySwitches { get; init; }

    public long? SystemCalls { get; init; }

    public string? SystemCallsUnknown { get; init; }

    public long? PeakResidentBytes { get; init; }

    public long ResidentBytes { get; init; }
}

/// <summary>Memory beyond what was there before the first block, in bytes.</summary>
/// <param name="Count">Blocks that were allocated.</param>
/// <param name="PerBlock">
/// What each block of the second half took: the first ones may fit into memory that the allocator had in reserve.
/// </param>
/// <param name="Half">After every other one was released.</param>
/// <param name="Left">After all were released.</param>
internal sealed record FootprintAnswer(long Count, double PerBlock, long Half, long Left);

/// <summary>How orders and answers travel.</summary>
[JsonSerializable(typeof(WorkOrder))]
[JsonSerializable(typeof(SpeedAnswer))]
[JsonSerializable(typeof(FootprintAnswer))]
internal sealed partial class WorkJson : JsonSerializerContext;
