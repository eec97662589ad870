namespace MemTools.Memory;

/// <summary>What the kernel counted for a process, all its threads together, over a time.</summary>
public sealed class ProcessFaultResult
{
    internal ProcessFaultResult(ProcessReading first, ProcessReading last, TimeSpan elapsed, bool ended)
    {
        ProcessId = first.Id;
        Name = last.Name;
        Elapsed = elapsed;
        Ended = ended;
        MinorFaults = last.MinorFaults - first.MinorFaults;
        MajorFaults = last.MajorFaults - first.MajorFaults;
        MinorFaultsPerSecond = MinorFaults / elapsed.TotalSeconds;
        MajorFaultsPerSecond = MajorFaults / elapsed.TotalSeconds;
        UserTime = last.UserTime - first.UserTime;
        KernelTime = last.KernelTime - first.KernelTime;
        Threads = ended ? null : last.Threads;
        // An ended process has given its memory back: what it held last is not known.
        ResidentBytes = ended ? null : last.ResidentBytes;
        ResidentBytesChange = ended ? null : last.ResidentBytes - first.ResidentBytes;
    }

    /// <summary>The number of the process.</summary>
    public int ProcessId { get; }

    /// <summary>The name of its program, at most 15 bytes.</summary>
    public string Name { get; }

    /// <summary>Faults that were served without reading from a disk.</summary>
    public long MinorFaults { get; }

    /// <summary>Faults that waited for a disk.</summary>
    public long MajorFaults { get; }

    /// <summary>Minor faults for each second.</summary>
    public double MinorFaultsPerSecond { get; }

    /// <summary>Major faults for each second.</summary>
    public double MajorFaultsPerSecond { get; }

    /// <summary>How long was counted; less than asked where the process ended.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Processor time in user mode, in steps of 10 ms.</summary>
    public TimeSpan UserTime { get; }

    /// <summary>Processor time in the kernel, in steps of 10 ms.</summary>
    public TimeSpan KernelTime { get; }

    /// <summary>Threads at the end; null where the process ended.</summary>
    public int? Threads { get; }

    /// <summary>Resident memory at the end, in bytes, as /proc/PID/stat has it: a little behind; null where the process ended.</summary>
    public long? ResidentBytes { get; }

    /// <summary>By how many bytes that grew, or shrank.</summary>
    public long? ResidentBytesChange { get; }

    /// <summary>Whether the process ended before the time was over.</summary>
    public bool Ended { get; }

    /// <summary>Where the figures are from.</summary>
    public string Source => $"/proc/{ProcessId}/stat";
}
