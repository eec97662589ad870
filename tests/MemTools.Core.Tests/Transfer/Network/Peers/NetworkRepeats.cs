namespace MemTools.Tests.Transfer.Network.Peers;

/// <summary>How often what depends on chance is tried between hosts: here as often as time allows, with MEMTOOLS_SOAK=1 in full.</summary>
internal static class NetworkRepeats
{
    private static readonly bool Soak = Environment.GetEnvironmentVariable("MEMTOOLS_SOAK") == "1";

    /// <summary>Keys that somebody guesses.</summary>
    internal static int GuessedKeys => Soak ? 20_000 : 200;

    /// <summary>Control messages of the random peers, both before and after the handshake.</summary>
    internal static int FuzzedMessages => Soak ? 1_050_000 : int.MaxValue;

    /// <summary>How long the random peers go on at most.</summary>
    internal static TimeSpan FuzzTime => Soak ? TimeSpan.FromHours(1) : TimeSpan.FromSeconds(3);

    /// <summary>Senders and receivers that are killed in the middle of a file.</summary>
    internal static int Kills => Soak ? 100 : 2;

    /// <summary>Bytes over a link of one megabit a second; more than this takes longer than a process is waited for.</summary>
    internal static int SlowLinkBytes => Soak ? 6 << 20 : 200 * 1024;

    /// <summary>Bytes over links that lose packets.</summary>
    internal static int LossyLinkBytes => Soak ? 32 << 20 : 1536 * 1024;

    /// <summary>The same where one in ten is lost.</summary>
    internal static int VeryLossyLinkBytes => Soak ? 2 << 20 : 160 * 1024;

    /// <summary>How often the cable is pulled.</summary>
    internal static int PulledCables => Soak ? 2 : 1;

    /// <summary>How often each byte position of a session is changed on the way.</summary>
    internal static int ChangedBytes => Soak ? 2000 : 32;

    /// <summary>Sources that are cut or grow while they are sent, for each method.</summary>
    internal static int ChangingSources => Soak ? 100 : 3;

    /// <summary>Senders at once.</summary>
    internal static int Senders => 100;

    /// <summary>Directories that become links and back while something is received into them.</summary>
    internal static int SwappedDirectories => Soak ? 20_000 : 1000;
}
