using System.Runtime.InteropServices;
using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// The kernel's own convention for results: zero or more for success, the negative errno for failure.
/// Every wrapper above Native/ returns it, so that errno is read exactly once, before anything else can change it.
/// </summary>
internal static class KernelResult
{
    internal static long Of(long returned) => returned >= 0 ? returned : -Marshal.GetLastPInvokeError();

    /// <summary>Whether a call came back only because a signal arrived (EINTR), and is to be made again.</summary>
    internal static bool Interrupted(long returned) => returned < 0 && Marshal.GetLastPInvokeError() == (int)Errno.EINTR;

    internal static Errno ErrnoOf(long result) => result < 0 ? (Errno)(-result) : Errno.None;
}
