using System.Runtime.InteropServices;
using MemTools.Kernel;

namespace MemTools.Native;

/// <summary>Reading into and writing from many places with one call: readv(2), writev(2), preadv(2), pwritev(2).</summary>
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
}
