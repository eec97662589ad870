using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>The kernel's event counters: perf_event_open(2), for which no C library has a function.</summary>
internal static unsafe partial class PerfCalls
{
    internal const uint TypeSoftware = 1;
    internal const uint TypeTracepoint = 2;
    internal const ulong TaskClock = 1;
    internal const ulong ContextSwitches = 3;
    internal const ulong MinorFaults = 5;
    internal const ulong MajorFaults = 6;

    /// <summary>PERF_FORMAT_GROUP: one read(2) returns the counters of the whole group, taken together.</summary>
    internal const ulong FormatGroup = 8;

    internal const nint CloseOnExec = 8;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Open(
        nint number, PerfEventAttributes* attributes, nint thread, nint processor, nint group, nint flags);
}

/// <summary>
/// struct perf_event_attr in its first published form. Newer headers know more fields; there is room for those, and
/// the kernel takes the size that <see cref="Size"/> says.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 256)]
internal struct PerfEventAttributes
{
    /// <summary>PERF_ATTR_SIZE_VER0.</summary>
    internal const uint FirstSize = 64;

    internal uint Type;
    internal uint Size;
    internal ulong Config;
    internal ulong SamplePeriod;
    internal ulong SampleType;
    internal ulong ReadFormat;

    // Bits in C, which have no offset there: exclude_kernel and exclude_hv are the sixth and the seventh.
    private readonly ulong _bits;

    internal PerfEventAttributes(ulong software, bool userOnly)
    {
        const ulong excludeKernelAndHypervisor = 0b110_0000;
        Type = PerfCalls.TypeSoftware;
        Size = FirstSize;
        Config = software;
        ReadFormat = PerfCalls.FormatGroup;
        _bits = userOnly ? excludeKernelAndHypervisor : 0;
    }

    /// <summary>Passages of a place in the kernel that tracefs has a number for.</summary>
    internal static PerfEventAttributes OfTracepoint(ulong number) =>
        new() { Type = PerfCalls.TypeTracepoint, Size = FirstSize, Config = number };
}
