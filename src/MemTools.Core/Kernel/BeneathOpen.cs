using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>
/// Opens names that a stranger chose, by openat2(2): the kernel itself sees to it that they stay in a directory, whoever moves
/// things or puts links there meanwhile. Results as in <see cref="KernelResult"/>; ENOSYS before Linux 5.6.
/// </summary>
internal static unsafe class BeneathOpen
{
    private const int MostTries = 100;

    /// <summary>Opens a path below a directory: no link is followed, and nothing outside is reached.</summary>
    /// <param name="root">The directory.</param>
    /// <param name="path">Relative to it.</param>
    /// <param name="flags">As for openat(2); O_CLOEXEC is added.</param>
    /// <param name="file">The file, or null where the result is an errno: ELOOP for a link, EXDEV for a way out.</param>
    internal static long TryOpen(Descriptor root, NativePath path, int flags, out Descriptor? file)
    {
        ulong* how = stackalloc ulong[OpenCalls.OpenHowWords];
        how[0] = (uint)(flags | OpenFlags.CloseOnExec);
        how[1] = 0;
        how[2] = OpenCalls.ResolveBeneath | OpenCalls.ResolveNoSymlinks | OpenCalls.ResolveNoMagicLinks;
        long result = -(long)Errno.EAGAIN;
        fixed (byte* bytes = path)
        {
            // EAGAIN: something was renamed while the kernel walked, so that it cannot tell (openat2(2)).
            for (int i = 0; i < MostTries && KernelResult.ErrnoOf(result) is Errno.EAGAIN or Errno.EINTR; i++)
            {
                result = KernelResult.Of(OpenCalls.OpenAt2(
                    OpenCalls.OpenAt2Number, root, bytes, how, OpenCalls.OpenHowWords * sizeof(ulong)));
            }
        }

        file = result < 0 ? null : new Descriptor((nint)result);
        return result;
    }
}
