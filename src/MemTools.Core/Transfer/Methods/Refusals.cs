using MemTools.Native;

namespace MemTools.Transfer.Methods;

/// <summary>Which errors mean that a call cannot be used here, and what they mean to people.</summary>
internal static class Refusals
{
    /// <summary>What any of the calls answers where the kernel or the file system lacks it.</summary>
    internal static bool IsNotHere(Errno errno) =>
        errno is Errno.ENOSYS or Errno.EXDEV or Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOTTY;

    /// <summary>Whether the refusal holds for every file of the two file systems, not just for this one.</summary>
    internal static bool HoldsForFileSystems(Errno errno) =>
        errno is Errno.ENOSYS or Errno.EXDEV or Errno.EOPNOTSUPP or Errno.ENOTTY;

    internal static string Explain(CopyMethod method, Errno errno) => (method, errno) switch
    {
        (_, Errno.ENOSYS) => "this kernel lacks the call",
        (_, Errno.EXDEV) => "source and destination are on different file systems",
        (CopyMethod.Reflink, Errno.EOPNOTSUPP or Errno.ENOTTY) => "the file system cannot share blocks between files",
        (CopyMethod.Reflink, Errno.EINVAL) => "the file system cannot share this range: blocks, file kinds or features do not match",
        (CopyMethod.DirectIO, Errno.EOPNOTSUPP) => "the file system does not state how direct I/O must be aligned (STATX_DIOALIGN)",
        (_, Errno.EOPNOTSUPP or Errno.ENOTTY) => "the file system does not support it",
        (_, Errno.EINVAL) => "these files do not take the call",
        (_, Errno.EPERM) => "the file is immutable, or a security policy forbids the call",
        (_, Errno.EBADF) => "the destination is open for appending",
        (_, Errno.ENODEV) => "the source cannot be mapped",
        (CopyMethod.Mmap, Errno.EACCES or Errno.EIO) => "the source cannot be mapped",
        _ => "the call failed",
    };
}
