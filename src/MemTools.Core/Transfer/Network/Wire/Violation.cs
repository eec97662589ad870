using MemTools.Kernel;

namespace MemTools.Transfer.Network.Wire;

/// <summary>The error for a peer that breaks the protocol.</summary>
internal static class Violation
{
    internal static TransferException Of(string what) =>
        new(ErrorKind.ProtocolViolation, $"The peer does not keep to the protocol, or something between changed what it said: {what}.");
}
