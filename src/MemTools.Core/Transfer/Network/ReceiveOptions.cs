using System.Net;
using System.Net.Sockets;

namespace MemTools.Transfer.Network;

/// <summary>How files are received from other hosts.</summary>
public sealed record ReceiveOptions
{
    /// <summary>The most connections at once that can be asked for.</summary>
    public const int MostConnections = 4096;

    /// <summary>The address to listen on. Anything but loopback takes a key.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>The TCP port, or 0 for one that is free.</summary>
    public int Port { get; init; }

    /// <summary>A path at which to listen on a Unix socket instead of a TCP port; mode 600, removed at the end.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>A socket that is listening already, as from systemd; the receiver disposes it. Null to make one.</summary>
    public Socket? Listener { get; init; }

    /// <summary>The largest file that is taken, in bytes.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>The most bytes of content that one session may bring.</summary>
    public long? MaximumSessionSize { get; init; }

    /// <summary>The most entries (files, folders, links) that one session may bring.</summary>
    public long MaximumEntries { get; init; } = 100_000_000;

    /// <summary>The most connections at once, 1 to <see cref="MostConnections"/>.</summary>
    public int MaximumConnections { get; init; } = 128;

    /// <summary>Leaves files that exist alone: their senders are told.</summary>
    public bool NoClobber { get; init; }

    /// <summary>Puts each file on the disk before it gets its name (fsync(2)).</summary>
    public bool Flush { get; init; }

    /// <summary>Refuses content that comes without a digest.</summary>
    public bool RequireDigest { get; init; }

    /// <summary>After how much silence a connection is closed, at least a second.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a peer may take from being accepted to the right proof; shorter only in tests.</summary>
    internal TimeSpan HandshakeTime { get; init; } = Wire.WireLimits.HandshakeTime;

    /// <summary>Ends by itself when so many sessions (senders) have said goodbye; 0 for never.</summary>
    public int SessionCount { get; init; }

    /// <summary>Ends by itself, with an error, when there was no connection for so long; null for never.</summary>
    public TimeSpan? WaitTime { get; init; }

    /// <summary>The sentence that says which options contradict each other, or null.</summary>
    public string? Contradiction => this switch
    {
        { Port: < 0 or > IPEndPoint.MaxPort } => $"-Port has to lie between 0 and {IPEndPoint.MaxPort}.",
        { UnixSocket: not null, Port: not 0 } => "-UnixSocket and -Port contradict each other: the receiver listens at one place.",
        { MaximumSize: < 0 } or { MaximumSessionSize: < 0 } => "A limit of size cannot be negative.",
        { MaximumEntries: < 1 } => "The limit of entries has to be at least 1.",
        { MaximumConnections: < 1 or > MostConnections } => $"The limit of connections has to lie between 1 and {MostConnections}.",
        { SessionCount: < 0 } => "-Count cannot be negative.",
        _ when IdleTime < TimeSpan.FromSeconds(1) || WaitTime < TimeSpan.FromSeconds(1) => "Time limits of a receiver are at least a second.",
        _ => null,
    };
}
