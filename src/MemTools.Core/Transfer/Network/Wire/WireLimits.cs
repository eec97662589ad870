namespace MemTools.Transfer.Network.Wire;

/// <summary>What docs/protocol.md allows. Every length from the wire is held against one of these before room is made for it.</summary>
internal static class WireLimits
{
    internal const int HeaderSize = 8;
    internal const int TagSize = 16;
    internal const int LargestBody = ushort.MaxValue;
    internal const int NonceSize = 32;
    internal const int ProofSize = 32;
    internal const int DigestSize = 32;
    internal const int SessionSize = 16;

    /// <summary>Content that travels in the frame of its entry.</summary>
    internal const int LargestInline = 1024 * 1024;

    /// <summary>Content of a <see cref="FrameType.Data"/> frame.</summary>
    internal const int LargestData = 4 * 1024 * 1024;

    internal const int LongestPath = 4096;
    internal const int LongestComponent = 255;
    internal const int Deepest = 256;
    internal const int LongestTarget = 4095;
    internal const int MostAttributes = 64;
    internal const int LongestAttributeName = 255;
    internal const int LongestText = 1024;
    internal const int MostPoints = 64;

    /// <summary>Entries without a result on one connection.</summary>
    internal const int MostUnanswered = 1024;

    /// <summary>Offered files under way in one session.</summary>
    internal const int MostOffered = 16;

    internal const int MostConnections = 16;

    /// <summary>From accepting a connection to the right proof.</summary>
    internal static readonly TimeSpan HandshakeTime = TimeSpan.FromSeconds(10);

    /// <summary>
    /// After how much silence of one's own an <see cref="FrameType.Alive"/> is due: nobody knows after how much the other gives up.
    /// </summary>
    internal static readonly TimeSpan AliveAfter = TimeSpan.FromMilliseconds(300);
}
