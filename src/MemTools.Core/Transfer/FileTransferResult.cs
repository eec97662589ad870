using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>What was copied and what the kernel did for it.</summary>
public sealed class FileTransferResult
{
    /// <summary>Path of the source: full from a cmdlet, as given to memtools.</summary>
    public required string Source { get; init; }

    /// <summary>Path of the destination, likewise.</summary>
    public required string Destination { get; init; }

    /// <summary>The exact name of the source where <see cref="Source"/> cannot be it, being no UTF-8; else null.</summary>
    internal byte[]? SourceBytes { get; init; }

    /// <summary>The exact name of the destination where <see cref="Destination"/> cannot be it; else null.</summary>
    internal byte[]? DestinationBytes { get; init; }

    /// <summary>The address of the other end where the item came from or went to another process; else null.</summary>
    public string? Peer { get; init; }

    /// <summary>
    /// What the item is: <c>File</c> (whatever was read as one), and in trees <c>Directory</c>, <c>SymbolicLink</c>,
    /// <c>Fifo</c>, <c>Socket</c>, <c>BlockDevice</c> and <c>CharacterDevice</c>.
    /// </summary>
    public string ItemType { get; init; } = "File";

    /// <summary>
    /// <c>Copied</c>, <c>Sent</c> or <c>Received</c>, or <c>Linked</c> where -Preserve HardLinks made a hard link; in trees also <c>Skipped</c>, and
    /// <c>WouldCopy</c> where nothing was to be changed.
    /// </summary>
    public required string Status { get; init; }

    /// <summary>Why it was left out; null unless it was.</summary>
    public string? Reason { get; init; }

    /// <summary>Bytes of the destination, holes included.</summary>
    public required long Length { get; init; }

    /// <summary>Bytes that were moved or shared: the length without the holes.</summary>
    public required long BytesTransferred { get; init; }

    /// <summary>Bytes that an interrupted run had copied and that were found to be the source's (-Resume).</summary>
    public long BytesResumed { get; init; }

    /// <summary>Length over elapsed time.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? Length / Elapsed.TotalSeconds : 0;

    /// <summary>The method that copied the bytes; <c>None</c> for an empty file, a hard link, and what is no file.</summary>
    public required string Method { get; init; }

    /// <summary>The methods that Auto tried before, each with its errno.</summary>
    public required ResultList<Refusal> Refused { get; init; }

    /// <summary><c>New</c>, <c>Renamed</c> (over what was there), <c>InPlace</c>, <c>Merged</c> (a directory that was there), or <c>None</c> (a stream).</summary>
    public required string Replacement { get; init; }

    /// <summary>From opening the source to the destination in its place.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>CPU time in user mode of the threads that copied (RUSAGE_THREAD).</summary>
    public required TimeSpan UserTime { get; init; }

    /// <summary>CPU time in the kernel of the threads that copied (RUSAGE_THREAD).</summary>
    public required TimeSpan KernelTime { get; init; }

    /// <summary>Calls of the copy loop: the ones that move bytes and map windows.</summary>
    public required long SystemCalls { get; init; }

    /// <summary>Switches between user and kernel mode in the copy loop: two a call.</summary>
    public long ModeSwitches => 2 * SystemCalls;

    /// <summary>Times a copying thread gave up the processor to wait.</summary>
    public required long VoluntarySwitches { get; init; }

    /// <summary>Times the scheduler took the processor from a copying thread.</summary>
    public required long InvoluntarySwitches { get; init; }

    /// <summary>Page faults served without the disk.</summary>
    public required long MinorFaults { get; init; }

    /// <summary>Page faults that waited for the disk.</summary>
    public required long MajorFaults { get; init; }

    /// <summary>SHA-256 of the copied bytes in hexadecimal, with -Verify Sha256; else null.</summary>
    public required string? Hash { get; init; }

    /// <summary>Whether the source was modified or grew while it was copied.</summary>
    public required bool SourceChanged { get; init; }

    /// <summary>What did not go quite as asked, in sentences.</summary>
    public required ResultList<string> Warnings { get; init; }
}
