using MemTools.Kernel;
using MemTools.Transfer.Network.Wire;

namespace MemTools.Transfer.Network.Receiving;

/// <summary>Errors that several parts of a receiver have.</summary>
internal static class ReceiveErrors
{
    internal static TransferException WrongDigest(NativePath path) => new(
        ErrorKind.VerificationFailed,
        $"'{path}' did not arrive as it was read: its SHA-256 is another. The source changed meanwhile, or something on the way changed it; nothing was put under the name.");

    /// <summary>Why a sender ended a file without all of it.</summary>
    internal static TransferException EndedEarly(ReceivedEntry entry, EndOutcome outcome) => outcome switch
    {
        EndOutcome.SourceTruncated => new(ErrorKind.SourceTruncated, $"'{entry.Path}' became shorter at the sender while it was sent."),
        EndOutcome.SourceChanged => new(ErrorKind.SourceChanged, $"'{entry.Path}' was modified at the sender while it was sent."),
        EndOutcome.SourceUnreadable => new(ErrorKind.IoError, $"'{entry.Path}' could not be read at the sender."),
        _ => new(ErrorKind.Disconnected, $"The sender stopped before '{entry.Path}' was complete."),
    };

    /// <summary>Whether a failure is about one entry, and not about the connection.</summary>
    internal static bool IsOfEntry(Exception error) => error switch
    {
        SystemCallException => true,
        TransferException { Kind: ErrorKind.ProtocolViolation or ErrorKind.Disconnected or ErrorKind.TimedOut } => false,
        TransferException => true,
        _ => false,
    };

    /// <summary>The same error, whose sentence holds a name that a stranger chose, safe to show.</summary>
    internal static TransferException Harmless(TransferException error)
    {
        string text = WireText.Harmless(error.Message);
        return text == error.Message ? error : new(error.Kind, text, error.InnerException);
    }

    internal static TransferException AsTransfer(Exception error) =>
        error as TransferException ?? new(((IHasErrorKind)error).Kind, error.Message + ".", error);
}
