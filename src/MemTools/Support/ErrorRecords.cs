using System.Management.Automation;
using MemTools.Kernel;

namespace MemTools.Commands.Support;

/// <summary>Turns the core's exceptions into error records: the kind is the id, and decides the category.</summary>
internal static class ErrorRecords
{
    /// <summary>For an exception that knows its kind; any other is SystemCallFailed.</summary>
    internal static ErrorRecord From(Exception exception, object? target)
    {
        ErrorKind kind = exception switch
        {
            IHasErrorKind known => known.Kind,
            ObjectDisposedException => ErrorKind.Closed,
            _ => ErrorKind.SystemCallFailed,
        };
        return new(exception, kind.ToString(), CategoryOf(kind), target);
    }

    internal static ErrorRecord Misuse(Exception exception, string id, object? target) =>
        new(exception, id, ErrorCategory.InvalidArgument, target);

    private static ErrorCategory CategoryOf(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound or ErrorKind.NameNotUtf8 or ErrorKind.DanglingSymlink or ErrorKind.ProcessNotFound =>
            ErrorCategory.ObjectNotFound,
        ErrorKind.PermissionDenied or ErrorKind.ReadOnly => ErrorCategory.PermissionDenied,
        ErrorKind.AlreadyExists or ErrorKind.WouldOverwrite => ErrorCategory.ResourceExists,
        ErrorKind.NoSpace or ErrorKind.OutOfMemory or ErrorKind.TooManyOpenFiles
            or ErrorKind.TooManyMappings or ErrorKind.Full
            or ErrorKind.PoolExhausted => ErrorCategory.ResourceUnavailable,
        ErrorKind.FileTooLarge or ErrorKind.NameTooLong or ErrorKind.RecordTooLarge
            or ErrorKind.LockLimit or ErrorKind.LimitExceeded => ErrorCategory.LimitsExceeded,
        ErrorKind.KeyNotUsable or ErrorKind.AuthenticationFailed or ErrorKind.NameRefused => ErrorCategory.SecurityError,
        ErrorKind.ProtocolViolation => ErrorCategory.ProtocolError,
        ErrorKind.Busy => ErrorCategory.ResourceBusy,
        ErrorKind.IsDirectory or ErrorKind.NotDirectory => ErrorCategory.InvalidType,
        ErrorKind.Misuse or ErrorKind.InvalidArgument or ErrorKind.SymlinkLoop => ErrorCategory.InvalidArgument,
        ErrorKind.SameFile or ErrorKind.NotAtomic or ErrorKind.MethodNotPossible or ErrorKind.NotSupported
            or ErrorKind.NoUserMemory or ErrorKind.DeletionRefused
            or ErrorKind.Closed or ErrorKind.Completed or ErrorKind.OverlappingUse
            or ErrorKind.DoubleReturn or ErrorKind.ForeignBlock => ErrorCategory.InvalidOperation,
        ErrorKind.TimedOut => ErrorCategory.OperationTimeout,
        ErrorKind.IoError => ErrorCategory.DeviceError,
        ErrorKind.Disconnected or ErrorKind.Unreachable or ErrorKind.PeerDied => ErrorCategory.ConnectionError,
        ErrorKind.WorkerFailed => ErrorCategory.OperationStopped,
        ErrorKind.SourceTruncated or ErrorKind.SourceChanged or ErrorKind.VerificationFailed
            or ErrorKind.FileTruncated or ErrorKind.Corrupted
            or ErrorKind.BlockDamaged => ErrorCategory.InvalidData,
        _ => ErrorCategory.NotSpecified,
    };
}
