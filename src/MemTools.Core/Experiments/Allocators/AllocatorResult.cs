namespace MemTools.Experiments;

/// <summary>
/// What an allocator needed for the work of one row. An operation is a block: allocated, touched and released. Figures
/// are null where nothing was measured, or this machine cannot tell.
/// </summary>
public sealed class AllocatorResult
{
    /// <summary>The allocator.</summary>
    public required string Allocator { get; init; }

    /// <summary>The order in which blocks were allocated and released.</summary>
    public required string Pattern { get; init; }

    /// <summary>Size of a block in bytes.</summary>
    public long Size { get; init; }

    /// <summary>Operations of a round, all threads together.</summary>
    public long Count { get; init; }

    /// <summary>Threads that shared them.</summary>
    public int Threads { get; init; }

    /// <summary>What was written into each block.</summary>
    public required string Touch { get; init; }

    /// <summary>Processes that were measured.</summary>
    public int Repeat { get; init; }

    /// <summary>Measured, NotInstalled or NotPossible.</summary>
    public required string Status { get; init; }

    /// <summary>Why nothing was measured; else null.</summary>
    public string? Reason { get; init; }

    /// <summary>The file in whose mapping the called function lies; null for memory of .NET and of this module's pools.</summary>
    public string? Library { get; init; }

    /// <summary>Elapsed time of a round over its operations: the median of the processes, heap warm.</summary>
    public double? NanosecondsPerOperation { get; init; }

    /// <summary>The same in the fastest process.</summary>
    public double? FastestNanosecondsPerOperation { get; init; }

    /// <summary>The same in the slowest process.</summary>
    public double? SlowestNanosecondsPerOperation { get; init; }

    /// <summary>The median of each process's first round, in which the heap grew.</summary>
    public double? FirstNanosecondsPerOperation { get; init; }

    /// <summary>
    /// What the same loop costs with two calls that do nothing in place of the allocator; contained in the figures
    /// above. Null for memory of .NET and of this module's pools, which are not called through a pointer.
    /// </summary>
    public double? LoopNanosecondsPerOperation { get; init; }

    /// <summary>Time as a multiple of the fastest row's with the same size and number of threads.</summary>
    public double? TimesFastest { get; init; }

    /// <summary>Time as a share of the slowest row's with the same size and number of threads, from 0 to 1.</summary>
    public double? ShareOfSlowest { get; init; }

    /// <summary>How many times the work per second of the same allocator's row with the first number of threads.</summary>
    public double? SpeedUp { get; init; }

    /// <summary>Processor time in user mode of a round, all threads.</summary>
    public TimeSpan? UserTime { get; init; }

    /// <summary>Processor time in the kernel of a round, all threads.</summary>
    public TimeSpan? KernelTime { get; init; }

    /// <summary>System calls of a round, all threads, counted by the kernel in a round that was not timed.</summary>
    public long? SystemCalls { get; init; }

    /// <summary>Why system calls could not be counted; else null.</summary>
    public string? SystemCallsUnknown { get; init; }

    /// <summary>Page faults of a round that needed no disk, all threads.</summary>
    public long? MinorFaults { get; init; }

    /// <summary>Page faults of a round that waited for a disk, all threads.</summary>
    public long? MajorFaults { get; init; }

    /// <summary>Times a thread gave up the processor in a round.</summary>
    public long? VoluntarySwitches { get; init; }

    /// <summary>Times a thread had the processor taken away in a round.</summary>
    public long? InvoluntarySwitches { get; init; }

    /// <summary>Most memory that the whole process had resident during the rounds, in bytes (VmHWM).</summary>
    public long? PeakResidentBytes { get; init; }

    /// <summary>Memory that the whole process had resident after the rounds, in bytes (VmRSS).</summary>
    public long? ResidentBytes { get; init; }

    /// <summary>Blocks that the memory figures below were taken with, one after the other, by one thread of a new process.</summary>
    public long? FootprintCount { get; init; }

    /// <summary>Resident memory of a block, every page of it touched, in bytes.</summary>
    public double? BytesPerBlock { get; init; }

    /// <summary>The same without the block itself, in bytes: headers, rounding, tables.</summary>
    public double? OverheadPerBlock { get; init; }

    /// <summary>
    /// After every other block was released: the share, from 0 to 1, of the memory still resident that is not in a
    /// block. Null where a single block was measured.
    /// </summary>
    public double? Fragmentation { get; init; }

    /// <summary>Memory still resident after all blocks were released, in bytes, beyond what was before the first.</summary>
    public long? HeldBytes { get; init; }
}
