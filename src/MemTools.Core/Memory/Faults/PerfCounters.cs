using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Memory;

/// <summary>
/// The kernel's software counters of the thread that made this object, by perf_event_open(2): faults that the thread
/// ran into, its switches and its time. Faults that the kernel resolves ahead of the thread (MAP_POPULATE,
/// MADV_POPULATE_READ, reads into a buffer that the kernel pins) are in getrusage(2) and not here.
/// </summary>
internal sealed unsafe class PerfCounters : IDisposable
{
    private static readonly ulong[] Events =
        [PerfCalls.MinorFaults, PerfCalls.MajorFaults, PerfCalls.ContextSwitches, PerfCalls.TaskClock];

    private readonly List<Descriptor> _files = [];

    /// <summary>What a read of the group returns: their number, then each; held so that reading touches nothing new.</summary>
    private readonly Mapping _answer = Mapping.Memory(Environment.SystemPageSize);

    private PerfCounters(bool userOnly) => UserOnly = userOnly;

    /// <summary>
    /// Whether this user may count only what happens in user mode (kernel.perf_event_paranoid is 2): faults on pages
    /// that a system call touches, and switches, are then not seen.
    /// </summary>
    internal bool UserOnly { get; }

    /// <summary>Opens the counters of the calling thread.</summary>
    /// <param name="refusal">Why there are none, in a sentence; null where there are.</param>
    /// <returns>Null where the kernel refuses.</returns>
    internal static PerfCounters? TryOpen(out string? refusal)
    {
        PerfCounters? counters = TryOpen(userOnly: false, out long result);
        if (KernelResult.ErrnoOf(result) is Errno.EACCES or Errno.EPERM)
            counters = TryOpen(userOnly: true, out result);
        refusal = counters is null ? PerfRefusal.Of(KernelResult.ErrnoOf(result)) : null;
        return counters;
    }

    internal PerfReading Read()
    {
        // Cannot be short: the buffer is larger than any group of four.
        _ = FileIO.Read(_files[0], _answer.Address, Environment.SystemPageSize);
        long* values = (long*)_answer.Address;
        return new(values[1], values[2], values[3], values[4]);
    }

    public void Dispose()
    {
        foreach (Descriptor file in _files)
            file.Dispose();
        _answer.Dispose();
    }

    private static PerfCounters? TryOpen(bool userOnly, out long result)
    {
        PerfCounters counters = new(userOnly);
        result = 0;
        foreach (ulong counted in Events)
        {
            PerfEventAttributes attributes = new(counted, userOnly);
            nint group = counters._files.Count == 0 ? -1 : counters._files[0].Number;
            result = KernelResult.Of(PerfCalls.Open(
                SystemCallNumbers.Current.PerfEventOpen, &attributes, 0, -1, group, PerfCalls.CloseOnExec));
            if (result < 0)
            {
                counters.Dispose();
                return null;
            }

            counters._files.Add(new((nint)result));
        }

        return counters;
    }
}

/// <summary>The counters at one moment: numbers since they were opened.</summary>
internal readonly record struct PerfReading(long MinorFaults, long MajorFaults, long Switches, long TaskNanoseconds)
{
    public static PerfReading operator +(PerfReading left, PerfReading right) => new(
        left.MinorFaults + right.MinorFaults,
        left.MajorFaults + right.MajorFaults,
        left.Switches + right.Switches,
        left.TaskNanoseconds + right.TaskNanoseconds);

    public static PerfReading operator -(PerfReading left, PerfReading right) => new(
        left.MinorFaults - right.MinorFaults,
        left.MajorFaults - right.MajorFaults,
        left.Switches - right.Switches,
        left.TaskNanoseconds - right.TaskNanoseconds);
}
