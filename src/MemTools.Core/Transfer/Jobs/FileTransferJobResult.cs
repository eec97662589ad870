using MemTools.Kernel;

namespace MemTools.Transfer.Jobs;

/// <summary>What a job did, all its items together.</summary>
public sealed class FileTransferJobResult
{
    /// <summary>The most failures that <see cref="Failures"/> holds; the log has them all.</summary>
    public const int MostFailures = 1000;

    /// <summary>The folder that was copied from.</summary>
    public required string Source { get; init; }

    /// <summary>The folder that was made equal.</summary>
    public required string Destination { get; init; }

    /// <summary><c>Completed</c>, or <c>Failed</c> where something was not done.</summary>
    public string Status => ExitCode == 0 ? "Completed" : "Failed";

    /// <summary>For scripts: 0 where everything was done, 1 where something was not.</summary>
    public int ExitCode => Failed == 0 ? 0 : 1;

    /// <summary>Files, links and special files that were copied or linked.</summary>
    public required long Files { get; init; }

    /// <summary>Directories that were made.</summary>
    public required long Directories { get; init; }

    /// <summary>Bytes of the files that were copied, holes included.</summary>
    public required long Bytes { get; init; }

    /// <summary>Bytes that were moved or shared: without holes, and without what an earlier run had copied.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>Bytes that interrupted runs had copied and that were found to be the source's (-Resume).</summary>
    public required long BytesResumed { get; init; }

    /// <summary>Items that were there already.</summary>
    public required long Skipped { get; init; }

    /// <summary>Of these, files whose mode, owner or times alone were brought up to date.</summary>
    public required long Refreshed { get; init; }

    /// <summary>Items that were not done, and other failures, such as of the log.</summary>
    public required long Failed { get; init; }

    /// <summary>Files, links and directories that were removed from the destination.</summary>
    public required long Removed { get; init; }

    /// <summary>How often an item was tried again.</summary>
    public required long Retries { get; init; }

    /// <summary>From the first look at the folders to the last call.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Bytes over elapsed time.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? Bytes / Elapsed.TotalSeconds : 0;

    /// <summary>CPU time in user mode of the copies, all threads together (RUSAGE_THREAD).</summary>
    public required TimeSpan UserTime { get; init; }

    /// <summary>CPU time in the kernel of the copies, all threads together (RUSAGE_THREAD).</summary>
    public required TimeSpan KernelTime { get; init; }

    /// <summary>Calls of the copy loops.</summary>
    public required long SystemCalls { get; init; }

    /// <summary>Switches between user and kernel mode in the copy loops: two a call.</summary>
    public long ModeSwitches => 2 * SystemCalls;

    /// <summary>Times a copying thread gave up the processor to wait.</summary>
    public required long VoluntarySwitches { get; init; }

    /// <summary>Times the scheduler took the processor from a copying thread.</summary>
    public required long InvoluntarySwitches { get; init; }

    /// <summary>Page faults of the copies served without the disk.</summary>
    public required long MinorFaults { get; init; }

    /// <summary>Page faults of the copies that waited for the disk.</summary>
    public required long MajorFaults { get; init; }

    /// <summary>What was not done, and why: the first <see cref="MostFailures"/>.</summary>
    public required ResultList<JobFailure> Failures { get; init; }
}
