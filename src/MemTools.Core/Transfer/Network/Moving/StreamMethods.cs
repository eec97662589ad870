namespace MemTools.Transfer.Network.Moving;

/// <summary>The order in which Auto tries the methods where one end is a stream.</summary>
internal static class StreamMethods
{
    /// <summary>From a file, pipe or device to a stream.</summary>
    internal static readonly CopyMethod[] Sending = [CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.ReadWrite];

    /// <summary>From a stream to a file, pipe or device.</summary>
    internal static readonly CopyMethod[] Receiving = [CopyMethod.Splice, CopyMethod.ReadWrite];
}
