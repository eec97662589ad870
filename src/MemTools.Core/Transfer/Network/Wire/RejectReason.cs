using MemTools.Kernel;

namespace MemTools.Transfer.Network.Wire;

/// <summary>Why a receiver does not let a sender in. Not authenticated: its reader has sentences of its own.</summary>
internal enum RejectReason : ushort
{
    NoCommonVersion = 1,
    KeyWanted = 2,
    NoKeyWanted = 3,
    WrongProof = 4,
    TooManyConnections = 5,
    NotThisProtocol = 6,
    NotLocal = 7,
    TooManyOfSession = 8,
}

/// <summary>The sentences for <see cref="RejectReason"/>.</summary>
internal static class RejectReasons
{
    internal static TransferException AsError(RejectReason reason, string peer) => reason switch
    {
        RejectReason.NoCommonVersion => new(
            ErrorKind.NotSupported, $"'{peer}' speaks another version of the protocol: use the same version of MemTools at both ends."),
        RejectReason.KeyWanted => new(
            ErrorKind.AuthenticationFailed, $"'{peer}' wants a key: give the one that the receiver has, by -KeyPath, -Key or MEMTOOLS_KEY."),
        RejectReason.NoKeyWanted => new(
            ErrorKind.AuthenticationFailed, $"'{peer}' has no key, so that it cannot prove who it is: give both ends the key, or none."),
        RejectReason.WrongProof => new(ErrorKind.AuthenticationFailed, $"'{peer}' has another key: both ends need the same."),
        RejectReason.TooManyConnections => new(ErrorKind.LimitExceeded, $"'{peer}' has as many connections as it takes: try again later."),
        RejectReason.NotLocal => new(
            ErrorKind.AuthenticationFailed, $"'{peer}' has no key, and without one only connections on the same host are served: give both ends a key."),
        RejectReason.TooManyOfSession => new(
            ErrorKind.LimitExceeded, $"'{peer}' takes fewer connections from one sender: use a smaller -ConnectionCount."),
        _ => Violation.Of("it refused the connection for a reason that version 1 does not know"),
    };

    /// <summary>What a receiver writes down.</summary>
    internal static string AsNote(RejectReason reason) => reason switch
    {
        RejectReason.NoCommonVersion => "it speaks another version of the protocol",
        RejectReason.KeyWanted => "it has no key",
        RejectReason.NoKeyWanted => "it wants a key, and there is none here",
        RejectReason.WrongProof => "it has another key",
        RejectReason.TooManyConnections => "there are as many connections as are taken",
        RejectReason.NotLocal => "without a key only connections on the same host are served",
        RejectReason.TooManyOfSession => "its session has as many connections as are taken",
        _ => "it does not speak this protocol",
    };
}
