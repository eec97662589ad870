using MemTools.Kernel;

namespace MemTools.Memory;

/// <summary>
/// What the kernel counted for one thread over a stretch of work. The figures without a prefix are those of
/// getrusage(2) with RUSAGE_THREAD; those that begin with Perf are those of perf_event_open(2), null where the kernel
/// refuses it.
/// </summary>
public abstract class FaultResult
{
    internal FaultResult(FaultMeter meter)
    {
        MinorFaults = meter.Usage.MinorFaults;
        MajorFaults = meter.Usage.MajorFaults;
        UserTime = meter.Usage.UserTime;
        KernelTime = meter.Usage.KernelTime;
        VoluntarySwitches = meter.Usage.VoluntarySwitches;
        InvoluntarySwitches = meter.Usage.InvoluntarySwitches;
        Elapsed = meter.Elapsed;
        PerfMinorFaults = meter.Reading?.MinorFaults;
        PerfMajorFaults = meter.Reading?.MajorFaults;
        // Switches happen in the kernel: a counter of user mode alone reads zero, which would be untrue.
        PerfSwitches = meter.UserOnly == false ? meter.Reading?.Switches : null;
        PerfTaskTime = meter.Reading is { } reading ? TimeSpan.FromTicks(reading.TaskNanoseconds / TimeSpan.NanosecondsPerTick) : null;
        PerfScope = meter.UserOnly switch { true => "User", false => "UserAndKernel", null => null };
        PerfRefused = meter.Refusal;
    }

    /// <summary>Faults that were served without reading from a disk (ru_minflt).</summary>
    public long MinorFaults { get; }

    /// <summary>Faults that waited for a disk (ru_majflt).</summary>
    public long MajorFaults { get; }

    /// <summary>Minor faults that the thread itself ran into; without those that the kernel resolved ahead of it.</summary>
    public long? PerfMinorFaults { get; }

    /// <summary>Major faults that the thread itself ran into.</summary>
    public long? PerfMajorFaults { get; }

    /// <summary>Wall-clock time.</summary>
    public TimeSpan Elapsed { get; }

    /// <summary>Processor time in user mode (ru_utime).</summary>
    public TimeSpan UserTime { get; }

    /// <summary>Processor time in the kernel (ru_stime).</summary>
    public TimeSpan KernelTime { get; }

    /// <summary>Processor time by the scheduler's own clock, which is finer than that of getrusage.</summary>
    public TimeSpan? PerfTaskTime { get; }

    /// <summary>Times the thread gave up the processor to wait (ru_nvcsw).</summary>
    public long VoluntarySwitches { get; }

    /// <summary>Times the processor was taken from the thread (ru_nivcsw).</summary>
    public long InvoluntarySwitches { get; }

    /// <summary>Switches of both kinds as perf_event_open counts them; null where it may look at user mode alone.</summary>
    public long? PerfSwitches { get; }

    /// <summary><c>UserAndKernel</c>; <c>User</c> where faults on pages that a system call touches are not in the Perf figures.</summary>
    public string? PerfScope { get; }

    /// <summary>Why there are no Perf figures; null where there are.</summary>
    public string? PerfRefused { get; }
}
