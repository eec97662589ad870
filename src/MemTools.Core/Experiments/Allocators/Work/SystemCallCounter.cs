using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Experiments;

/// <summary>
/// Counts the system calls of the thread that opened it, by the kernel's tracepoint raw_syscalls:sys_enter
/// (perf_event_open(2)). It makes each call a little slower, so what is timed is not counted.
/// </summary>
internal sealed unsafe class SystemCallCounter : IDisposable
{
    private const string Tracepoint = "raw_syscalls/sys_enter";

    private readonly Descriptor _event;
    private long _before;

    private SystemCallCounter(Descriptor counter) => _event = counter;

    /// <summary>A counter for the calling thread.</summary>
    /// <param name="whyNot">Why there is none, in a sentence.</param>
    /// <returns>The counter, or null.</returns>
    internal static SystemCallCounter? TryOpen(out string? whyNot)
    {
        whyNot = null;
        if (TraceFileSystem.TryFind(Tracepoint, out Errno errno) is not { } number)
        {
            whyNot = $"System calls were not counted: tracefs cannot be read ({errno}); root can.";
            return null;
        }

        PerfEventAttributes attributes = PerfEventAttributes.OfTracepoint(number);
        long opened = KernelResult.Of(
            PerfCalls.Open(SystemCallNumbers.Current.PerfEventOpen, &attributes, thread: 0, processor: -1, group: -1, PerfCalls.CloseOnExec));
        if (opened >= 0)
            return new(new Descriptor((nint)opened));
        whyNot = $"System calls were not counted: perf_event_open failed with {KernelResult.ErrnoOf(opened)}; CAP_PERFMON or kernel.perf_event_paranoid=-1 allows it.";
        return null;
    }

    /// <summary>Why no counter can be opened; null where one can.</summary>
    internal static string? WhyNot()
    {
        using SystemCallCounter? counter = TryOpen(out string? whyNot);
        return whyNot;
    }

    internal void Start() => _before = Read();

    /// <summary>Calls since <see cref="Start"/>, without the one that asks for their number.</summary>
    internal long Stop() => Read() - _before - 1;

    public void Dispose() => _event.Dispose();

    private long Read()
    {
        long count;
        long read = FileIO.Read(_event, (nint)(&count), sizeof(long));
        return read == sizeof(long) ? count : throw new SystemCallException("read", KernelResult.ErrnoOf(read), "a performance counter");
    }
}
