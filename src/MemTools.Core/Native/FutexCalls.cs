using System.Runtime.InteropServices;

namespace MemTools.Native;

/// <summary>
/// Sleeping until another thread or process changes a word: futex(2), for which no C library has a function. Without
/// FUTEX_PRIVATE_FLAG: the word may lie in memory that processes share.
/// </summary>
internal static unsafe partial class FutexCalls
{
    internal const int WaitOperation = 0;
    internal const int WakeOperation = 1;

    /// <summary>Sleeps while the word has the value; the time is relative, by the monotonic clock.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Wait(nint number, uint* word, nint operation, nint value, TimeSpec* time, nint unused, nint unusedToo);

    /// <summary>Wakes so many of those that sleep on the word.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Wake(nint number, uint* word, nint operation, nint count, nint unused, nint unusedToo, nint unusedAsWell);
}
