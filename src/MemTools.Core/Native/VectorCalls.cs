using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>
/// Reading into and writing from many places with one call: readv(2), writev(2), preadv(2), pwritev(2); and preadv2(2) and
/// pwritev2(2), which can be told not to wait whatever the descriptor's flags are, through syscall(2), since musl before 1.2.5
/// has no functions for them.
/// </summary>
internal static unsafe partial class VectorCalls
{
    /// <summary>IOV_MAX of the kernel (UIO_MAXIOV): one vector more is EINVAL.</summary>
    internal const int MaximumVectors = 1024;

    [LibraryImport("libc", EntryPoint = "readv", SetLastError = true)]
    internal static partial nint Read(Descriptor file, IoVector* parts, int count);

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    internal static partial nint Write(Descriptor file, IoVector* parts, int count);

    [LibraryImport("libc", EntryPoint = "preadv", SetLastError = true)]
    internal static partial nint ReadAt(Descriptor file, IoVector* parts, int count, long offset);

    [LibraryImport("libc", EntryPoint = "pwritev", SetLastError = true)]
    internal static partial nint WriteAt(Descriptor file, IoVector* parts, int count, long offset);

    /// <summary>RWF_NOWAIT.</summary>
    internal const nint DoNotWait = 8;

    /// <summary>
    /// The kernel's number, descriptor, one vector or more, their count, the position (-1: the descriptor's own) in its low
    /// and its high half, and flags. On processors of 64 bits the low half is all of it.
    /// </summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    internal static partial nint Transfer(
        nint number, Descriptor file, IoVector* vectors, nint count, nint positionLow, nint positionHigh, nint flags);
}
