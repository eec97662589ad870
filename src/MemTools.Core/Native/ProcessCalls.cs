using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>What the kernel keeps for a thread or process: getrusage(2), geteuid(2), getppid(2), prctl(2).</summary>
internal static unsafe partial class ProcessCalls
{
    /// <summary>RUSAGE_THREAD: the calling thread alone (Linux, not POSIX).</summary>
    internal const int UsageOfThread = 1;

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    [MethodImpl(Compilation.AtOnce)]
    internal static partial int Usage(int who, ResourceUsage* answer);

    /// <summary>PR_SET_PDEATHSIG: the signal that a process gets when the thread that started it ends.</summary>
    internal const int SetParentDeathSignal = 1;

    /// <summary>PR_GET_DUMPABLE: whether a process of the same user may look at this one, 1 where it may.</summary>
    internal const int GetDumpable = 3;

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getppid")]
    internal static partial int Parent();

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    internal static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);
}

/// <summary>
/// struct rusage of getrusage(2), on 64-bit processors. The kernel and glibc have 144 bytes; musl adds 16 words in
/// reserve, so there is room for those.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 144 + (16 * sizeof(long)))]
internal struct ResourceUsage
{
    internal long UserSeconds;
    internal long UserMicroseconds;
    internal long KernelSeconds;
    internal long KernelMicroseconds;
    internal long PeakResidentKiB;
    internal long SharedMemory;
    internal long UnsharedData;
    internal long UnsharedStack;
    internal long MinorFaults;
    internal long MajorFaults;
    internal long Swaps;
    internal long BlocksIn;
    internal long BlocksOut;
    internal long MessagesSent;
    internal long MessagesReceived;
    internal long Signals;
    internal long VoluntarySwitches;
    internal long InvoluntarySwitches;
}
