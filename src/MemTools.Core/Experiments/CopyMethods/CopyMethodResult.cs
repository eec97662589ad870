using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Experiments.CopyMethods;

/// <summary>
/// What one method took to move one file, beside what textbooks say of it. Counts are those of the run with the median
/// speed, those of the page cache the last run's; CPU time is the mean of all runs. Figures that were not measured, or that the kernel does not tell, are null.
/// </summary>
public sealed class CopyMethodResult
{
    /// <summary>Path of the source.</summary>
    public required string Source { get; init; }

    /// <summary><c>Socket</c>, <c>File</c> or <c>Null</c>.</summary>
    public required string Target { get; init; }

    /// <summary>The directory of the scratch file, <c>/dev/null</c>, or the loopback address.</summary>
    public required string Destination { get; init; }

    /// <summary><c>Warm</c> or <c>Cold</c>.</summary>
    public required string Cache { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary><c>Measured</c>, or <c>NotPossible</c> where ErrorName and Reason say why.</summary>
    public required string Status { get; init; }

    /// <summary>The errno by name that refused the method; empty where it was measured.</summary>
    public string ErrorName { get; init; } = string.Empty;

    /// <summary>Why the method is not possible here, in a sentence; empty where it was measured.</summary>
    public string Reason { get; init; } = string.Empty;

    /// <summary>Bytes that each run moved or shared.</summary>
    public required long Length { get; init; }

    /// <summary>How many runs were measured.</summary>
    public int Runs { get; init; }

    /// <summary>Bytes a second of the median run.</summary>
    public double? BytesPerSecond { get; init; }

    /// <summary>Bytes a second of the slowest run.</summary>
    public double? SlowestBytesPerSecond { get; init; }

    /// <summary>Bytes a second of the fastest run.</summary>
    public double? FastestBytesPerSecond { get; init; }

    /// <summary>Fastest less slowest, over the median: 0.1 is 10 %.</summary>
    public double? Spread { get; init; }

    /// <summary>BytesPerSecond over that of the fastest method of the comparison, 0 to 1.</summary>
    public double? RelativeSpeed { get; init; }

    /// <summary>Time of the median run, from the first call to the return of the last.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>CPU time in user mode of a run, of the threads that copied (RUSAGE_THREAD); the draining thread is not one.</summary>
    public TimeSpan? UserTime { get; init; }

    /// <summary>CPU time in the kernel of a run, likewise.</summary>
    public TimeSpan? KernelTime { get; init; }

    /// <summary>UserTime in seconds for each GiB.</summary>
    public double? UserSecondsPerGiB { get; init; }

    /// <summary>KernelTime in seconds for each GiB.</summary>
    public double? KernelSecondsPerGiB { get; init; }

    /// <summary>Calls that moved bytes or mapped windows.</summary>
    public long? SystemCalls { get; init; }

    /// <summary>Rounds: pieces that arrived. A round of textbooks moves one buffer.</summary>
    public long? Rounds { get; init; }

    /// <summary>SystemCalls over Rounds.</summary>
    public double? SystemCallsPerRound { get; init; }

    /// <summary>Switches between user and kernel mode: two a call. What textbooks call context switches.</summary>
    public long? ModeSwitches { get; init; }

    /// <summary>ModeSwitches over Rounds.</summary>
    public double? ModeSwitchesPerRound { get; init; }

    /// <summary>Times a copying thread gave up the processor to wait. Not what textbooks count.</summary>
    public long? VoluntarySwitches { get; init; }

    /// <summary>Times the scheduler took the processor from a copying thread. Not what textbooks count.</summary>
    public long? InvoluntarySwitches { get; init; }

    /// <summary>Page faults served without the disk.</summary>
    public long? MinorFaults { get; init; }

    /// <summary>Page faults that waited for the disk.</summary>
    public long? MajorFaults { get; init; }

    /// <summary>Bytes that the copying threads had the disk read (ru_inblock).</summary>
    public long? BytesFromDisk { get; init; }

    /// <summary>The most memory that the process, all of it, had resident during the runs (VmHWM).</summary>
    public long? PeakResidentBytes { get; init; }

    /// <summary>Bytes that -Cache Cold dropped from the page cache before the last run; null for Warm.</summary>
    public long? SourceBytesDropped { get; init; }

    /// <summary>Bytes of the source in the page cache before the last run; for Warm, before the first.</summary>
    public long? SourceCachedBytesBefore { get; init; }

    /// <summary>Bytes of the source in the page cache after it; for Warm, after the last run of all methods.</summary>
    public long? SourceCachedBytes { get; init; }

    /// <summary>Bytes of the scratch file in the page cache after it; null for other targets.</summary>
    public long? DestinationCachedBytes { get; init; }

    /// <summary>Those of them that are still to be written to the disk.</summary>
    public long? DestinationDirtyBytes { get; init; }

    /// <summary>The textbook's row that the next four figures come from, such as <c>sendfile with DMA gather</c>.</summary>
    public required string Textbook { get; init; }

    /// <summary>The textbook's copies by the processor for each byte.</summary>
    public required int TextbookCpuCopies { get; init; }

    /// <summary>The textbook's copies by devices for each byte.</summary>
    public required int TextbookDmaCopies { get; init; }

    /// <summary>The textbook's system calls for a round.</summary>
    public required int TextbookSystemCalls { get; init; }

    /// <summary>The textbook's mode switches for a round.</summary>
    public required int TextbookModeSwitches { get; init; }

    /// <summary>Where the measurement is not what the textbook says, and why: sentences, each drawn from the counters.</summary>
    public ResultList<string> DiffersBecause { get; init; } = ResultList<string>.None;
}
