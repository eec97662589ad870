using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>Barriers on the processors that run others: membarrier(2), for which no C library has a function.</summary>
internal static partial class BarrierCalls
{
    /// <summary>On every processor that runs a thread of a process that registered.</summary>
    internal const int GlobalExpedited = 2;

    /// <summary>Registers this process for these.</summary>
    internal const int RegisterGlobalExpedited = 4;

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Barrier(nint number, nint command, nint flags, nint processor);
}
