namespace MemTools.Kernel;

/// <summary>What went wrong, as a script would tell cases apart. The names are also the ids of error records.</summary>
public enum ErrorKind
{
    /// <summary>The kernel failed in a way that has no kind of its own; the errno says how.</summary>
    SystemCallFailed,

    /// <summary>No such file or directory (ENOENT, ENXIO, ENODEV).</summary>
    NotFound,

    /// <summary>The name holds bytes that are not UTF-8, so no .NET string can carry it.</summary>
    NameNotUtf8,

    /// <summary>A name or path is longer than the file system takes (ENAMETOOLONG).</summary>
    NameTooLong,

    /// <summary>Permission is lacking (EACCES, EPERM).</summary>
    PermissionDenied,

    /// <summary>The file system is read-only (EROFS), or the destination is and -Force was not given.</summary>
    ReadOnly,

    /// <summary>Something of that name exists (EEXIST) and is not to be replaced.</summary>
    AlreadyExists,

    /// <summary>A directory stands where a file is wanted (EISDIR).</summary>
    IsDirectory,

    /// <summary>A file stands where a directory is wanted (ENOTDIR).</summary>
    NotDirectory,

    /// <summary>Symbolic links lead in a circle (ELOOP).</summary>
    SymlinkLoop,

    /// <summary>The destination is a symbolic link that leads nowhere.</summary>
    DanglingSymlink,

    /// <summary>No space is left, or a quota is used up (ENOSPC, EDQUOT).</summary>
    NoSpace,

    /// <summary>The file would be larger than the file system or RLIMIT_FSIZE allows (EFBIG).</summary>
    FileTooLarge,

    /// <summary>The object is in use (EBUSY, ETXTBSY).</summary>
    Busy,

    /// <summary>This kernel, file system or device cannot do it (EOPNOTSUPP, ENOSYS, ENOTTY, EXDEV).</summary>
    NotSupported,

    /// <summary>The kernel took the arguments for wrong (EINVAL).</summary>
    InvalidArgument,

    /// <summary>The device or the medium failed (EIO).</summary>
    IoError,

    /// <summary>Memory ran out (ENOMEM).</summary>
    OutOfMemory,

    /// <summary>The process or the system has too many files open (EMFILE, ENFILE).</summary>
    TooManyOpenFiles,

    /// <summary>The other end of a pipe or socket is gone, or was never there (EPIPE, ECONNRESET, ECONNABORTED, ENOTCONN).</summary>
    Disconnected,

    /// <summary>
    /// A network file system lost the file, or another host did not answer or cannot be reached (ESTALE, ETIMEDOUT, EHOSTUNREACH,
    /// ENETUNREACH, ENETDOWN).
    /// </summary>
    Unreachable,

    /// <summary>Source and destination are one file under two names.</summary>
    SameFile,

    /// <summary>The source became shorter while it was copied.</summary>
    SourceTruncated,

    /// <summary>The source was modified while it was copied, and -RequireStable was given.</summary>
    SourceChanged,

    /// <summary>What came back from the destination is not what was read from the source.</summary>
    VerificationFailed,

    /// <summary>The method that was asked for cannot do this copy.</summary>
    MethodNotPossible,

    /// <summary>The destination can only be written in place, and -RequireAtomic was given.</summary>
    NotAtomic,

    /// <summary>The same command has just written that destination from another source.</summary>
    WouldOverwrite,

    /// <summary>A range, option or combination makes no sense for this file.</summary>
    Misuse,

    /// <summary>No process or thread of that number or name, or it ended meanwhile (ESRCH).</summary>
    ProcessNotFound,

    /// <summary>The process that did the work died, or failed in a way that has no kind of its own.</summary>
    WorkerFailed,

    /// <summary>A kernel thread, or a zombie: it has no memory of its own to look at.</summary>
    NoUserMemory,

    /// <summary>A job that would remove more than it may, or does not know all of its source, has removed nothing.</summary>
    DeletionRefused,

    /// <summary>The file became shorter than what is mapped of it.</summary>
    FileTruncated,

    /// <summary>The object has been closed.</summary>
    Closed,

    /// <summary>The process has as many mappings as the system allows (vm.max_map_count).</summary>
    TooManyMappings,

    /// <summary>A ring or queue has no room, and was made to say so rather than to wait.</summary>
    Full,

    /// <summary>The ring or queue takes nothing more: its end was declared.</summary>
    Completed,

    /// <summary>The time that was given ran out.</summary>
    TimedOut,

    /// <summary>A record is longer than the ring can ever hold, or longer than the memory it is to be read into.</summary>
    RecordTooLarge,

    /// <summary>Two threads wrote, or two read, at the same time where there may be only one.</summary>
    OverlappingUse,

    /// <summary>Shared memory holds what its layout does not allow: it was overwritten, or is no ring.</summary>
    Corrupted,

    /// <summary>More memory would be locked than RLIMIT_MEMLOCK allows.</summary>
    LockLimit,

    /// <summary>The process at the other end of a shared ring ended without leaving it.</summary>
    PeerDied,

    /// <summary>All blocks of a pool are rented, and it may not grow.</summary>
    PoolExhausted,

    /// <summary>A block was returned that is not rented: it has been returned before.</summary>
    DoubleReturn,

    /// <summary>A block was returned to a pool that it is not of.</summary>
    ForeignBlock,

    /// <summary>Somebody wrote past the end of a block, or into one that had been returned.</summary>
    BlockDamaged,

    /// <summary>A key is too short, or others than its owner can read it.</summary>
    KeyNotUsable,

    /// <summary>The peer has another key, or none, or did not prove that it has one.</summary>
    AuthenticationFailed,

    /// <summary>The peer said something that the protocol does not allow, or was altered on the way.</summary>
    ProtocolViolation,

    /// <summary>A name or the target of a link that could lead out of the destination.</summary>
    NameRefused,

    /// <summary>More than the receiver takes: a size, a count, a number of connections.</summary>
    LimitExceeded,
}
