using MemTools.Kernel;

namespace MemTools.Transfer;

/// <summary>A file was not copied. The message says why, what it left behind, and what would work.</summary>
public sealed class TransferException : IOException, IHasErrorKind
{
    internal TransferException(ErrorKind kind, string message, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
    }

    /// <summary>What went wrong.</summary>
    public ErrorKind Kind { get; }

    /// <summary>Bytes that had been copied when it went wrong.</summary>
    public long BytesTransferred { get; init; }

    /// <summary>Bytes for which there was no room, where it was room that lacked; else 0.</summary>
    public long BytesMissing { get; init; }

    /// <summary>The errno by name where a system call failed; else empty.</summary>
    public string ErrorName => (InnerException as SystemCallException)?.ErrorName ?? string.Empty;
}
