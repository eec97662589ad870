using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network;

/// <summary>How files are sent to another host.</summary>
public sealed record SendOptions
{
    /// <summary>The most connections of one sender.</summary>
    public const int MostConnections = 16;

    /// <summary>How bytes get into the socket: Auto, Sendfile, Splice, Mmap or ReadWrite. Auto sends small files from memory, large ones by sendfile(2).</summary>
    public CopyMethod Method { get; init; }

    /// <summary>
    /// How what arrives is checked: Sha256 (both ends hash, and the receiver compares before the file gets its name) or
    /// None. Compare is refused: nobody has both files.
    /// </summary>
    public VerifyMode Verify { get; init; } = VerifyMode.Sha256;

    /// <summary>How many connections, 1 to <see cref="MostConnections"/>. Ranges of one large file travel on all of them.</summary>
    public int ConnectionCount { get; init; } = 1;

    /// <summary>What goes along with the bytes: Mode, Timestamps and Xattr (the <c>user</c> namespace alone). Others are refused.</summary>
    public PreserveItems Preserve { get; init; } = PreserveItems.Mode | PreserveItems.Timestamps;

    /// <summary>What becomes of symbolic links. Preserve sends those that stay within what is sent.</summary>
    public SymlinkMode Symlink { get; init; }

    /// <summary>Sends directories on which something else is mounted without what is in them.</summary>
    public bool OneFileSystem { get; init; }

    /// <summary>Patterns of which a file has to match one; none for all files.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>Patterns of files and directories to leave out; a directory with all that is in it.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Leaves out smaller files, in bytes.</summary>
    public long? MinimumSize { get; init; }

    /// <summary>Leaves out larger files, in bytes.</summary>
    public long? MaximumSize { get; init; }

    /// <summary>Leaves out files last modified at or before this.</summary>
    public DateTimeOffset? ModifiedAfter { get; init; }

    /// <summary>Leaves out files last modified at or after this.</summary>
    public DateTimeOffset? ModifiedBefore { get; init; }

    /// <summary>Fails where the source was modified while it was sent, instead of warning.</summary>
    public bool RequireStable { get; init; }

    /// <summary>The most bytes of content a second over all connections together, 1 or more; null for no limit.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>How often a broken connection is made again without any progress in between; 0 for not at all.</summary>
    public int MaximumRetryCount { get; init; } = 5;

    /// <summary>The pause before the first new try; it doubles up to 30 seconds.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After how much silence a connection counts as broken, at least a second.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long to try to reach the receiver, at least a second.</summary>
    public TimeSpan ConnectTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The sentence that says which options contradict each other, or null.</summary>
    public string? Contradiction => this switch
    {
        { Method: CopyMethod.Reflink or CopyMethod.CopyFileRange or CopyMethod.DirectIO } =>
            $"-Method {Method} copies from file to file: to a socket Sendfile, Splice, Mmap and ReadWrite can send.",
        { Verify: VerifyMode.Compare } => "-Verify Compare needs both files at one place: between hosts use Sha256, which both ends compute and the receiver compares.",
        { ConnectionCount: < 1 or > MostConnections } => $"-ConnectionCount has to lie between 1 and {MostConnections}.",
        _ when (Preserve & ~(PreserveItems.Mode | PreserveItems.Timestamps | PreserveItems.Xattr)) != 0 =>
            "Between hosts -Preserve knows Mode, Timestamps and Xattr: owners, access control lists and hard links of one host mean nothing, or too much, on another.",
        { BandwidthLimit: < 1 } => "-BandwidthLimit has to be at least 1 byte a second.",
        { MaximumRetryCount: < 0 } => "-MaximumRetryCount cannot be negative.",
        _ when RetryInterval < TimeSpan.Zero => "-RetryIntervalSec cannot be negative.",
        _ when IdleTime < TimeSpan.FromSeconds(1) || ConnectTime < TimeSpan.FromSeconds(1) => "Time limits of a connection are at least a second.",
        _ => Tree.Contradiction,
    };

    /// <summary>The same in the terms of a walk.</summary>
    internal TreeCopyOptions Tree => new()
    {
        File = new() { Preserve = Preserve, RequireStable = RequireStable, Verify = Verify },
        Symlink = Symlink,
        OneFileSystem = OneFileSystem,
        Include = Include,
        Exclude = Exclude,
        MinimumSize = MinimumSize,
        MaximumSize = MaximumSize,
        ModifiedAfter = ModifiedAfter,
        ModifiedBefore = ModifiedBefore,
        ThrottleLimit = ConnectionCount,
    };
}
