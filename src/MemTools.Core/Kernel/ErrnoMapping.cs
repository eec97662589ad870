using MemTools.Native;

namespace MemTools.Kernel;

/// <summary>The one place where an errno becomes a kind of error.</summary>
internal static class ErrnoMapping
{
    internal static ErrorKind KindOf(Errno errno) => errno switch
    {
        Errno.ENOENT or Errno.ENXIO or Errno.ENODEV => ErrorKind.NotFound,
        Errno.ENAMETOOLONG => ErrorKind.NameTooLong,
        Errno.EACCES or Errno.EPERM => ErrorKind.PermissionDenied,
        Errno.EROFS => ErrorKind.ReadOnly,
        Errno.EEXIST => ErrorKind.AlreadyExists,
        Errno.EISDIR => ErrorKind.IsDirectory,
        Errno.ENOTDIR => ErrorKind.NotDirectory,
        Errno.ELOOP => ErrorKind.SymlinkLoop,
        Errno.ENOSPC or Errno.EDQUOT => ErrorKind.NoSpace,
        Errno.EFBIG or Errno.EOVERFLOW => ErrorKind.FileTooLarge,
        Errno.EBUSY or Errno.ETXTBSY => ErrorKind.Busy,
        Errno.EOPNOTSUPP or Errno.ENOSYS or Errno.ENOTTY or Errno.EXDEV => ErrorKind.NotSupported,
        Errno.EINVAL => ErrorKind.InvalidArgument,
        Errno.EIO or Errno.EREMOTEIO or Errno.EBADMSG or Errno.EUCLEAN => ErrorKind.IoError,
        Errno.ENOMEM => ErrorKind.OutOfMemory,
        Errno.EMFILE or Errno.ENFILE => ErrorKind.TooManyOpenFiles,
        Errno.EPIPE or Errno.ECONNRESET or Errno.ECONNABORTED or Errno.ENOTCONN => ErrorKind.Disconnected,
        Errno.ESTALE or Errno.ETIMEDOUT or Errno.EHOSTUNREACH or Errno.ENETUNREACH or Errno.ENETDOWN => ErrorKind.Unreachable,
        Errno.ESRCH => ErrorKind.ProcessNotFound,
        _ => ErrorKind.SystemCallFailed,
    };
}
