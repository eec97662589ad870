using System.Management.Automation;
using System.Net;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <content>What it can be asked for.</content>
public sealed partial class SendFileZeroCopyCommand
{
    private const string ConnectionStringSet = "ConnectionString";
    private const string ComputerNameSet = "ComputerName";
    private const string UnixSocketSet = "UnixSocket";

    private static readonly string[] TreeParameters =
    [
        nameof(Symlink), nameof(OneFileSystem), nameof(Include), nameof(Exclude), nameof(MinimumSize), nameof(MaximumSize),
        nameof(ModifiedAfter), nameof(ModifiedBefore),
    ];

    private static readonly string[] ProtocolParameters =
    [
        nameof(Recurse), nameof(Verify), nameof(ConnectionCount), nameof(Preserve), nameof(RequireStable), nameof(MaximumRetryCount),
        nameof(RetryIntervalSec), nameof(ConnectTimeoutSec), .. TreeParameters,
    ];

    /// <summary>The files to send: paths, whose wildcards are resolved, or file objects.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [SupportsWildcards]
    public object? Path { get; set; }

    /// <summary>The files to send, by their names as they are.</summary>
    [Parameter]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    /// <summary>What the receiver announced.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ConnectionStringSet)]
    [ValidateNotNullOrEmpty]
    public string ConnectionString { get; set; } = string.Empty;

    /// <summary>The receiver's host.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ComputerNameSet)]
    [Alias("HostName", "CN")]
    [ValidateNotNullOrEmpty]
    public string ComputerName { get; set; } = string.Empty;

    /// <summary>The receiver's TCP port.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ComputerNameSet)]
    [ValidateRange(1, IPEndPoint.MaxPort)]
    public int Port { get; set; }

    /// <summary>The path of the receiver's Unix socket.</summary>
    [Parameter(Mandatory = true, ParameterSetName = UnixSocketSet)]
    [ValidateNotNullOrEmpty]
    public string UnixSocket { get; set; } = string.Empty;

    /// <summary>A connection or pipe that the caller has: raw bytes, without a protocol.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SocketSet)]
    [ValidateNotNull]
    public object Socket { get; set; } = null!;

    /// <summary>The first byte to send.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>The most bytes to send of each file.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? Length { get; set; }

    /// <summary>Leaves the stream open, for more to follow.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    public SwitchParameter KeepOpen { get; set; }

    /// <summary>How the bytes get into the socket.</summary>
    [Parameter]
    public CopyMethod Method { get; set; }

    /// <summary>Sends directories with all that is in them.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>How what arrives is checked.</summary>
    [Parameter]
    public VerifyMode Verify { get; set; } = VerifyMode.Sha256;

    /// <summary>How many connections.</summary>
    [Parameter]
    [ValidateRange(1, SendOptions.MostConnections)]
    public int ConnectionCount { get; set; } = 1;

    /// <summary>The most bytes a second.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? BandwidthLimit { get; set; }

    /// <summary>What goes along with the bytes.</summary>
    [Parameter]
    public PreserveItems Preserve { get; set; } = PreserveItems.Mode | PreserveItems.Timestamps;

    /// <summary>Fails where a source is modified meanwhile.</summary>
    [Parameter]
    public SwitchParameter RequireStable { get; set; }

    /// <summary>How often a broken connection is made again.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaximumRetryCount { get; set; } = 5;

    /// <summary>Seconds to wait before that.</summary>
    [Parameter]
    [ValidateRange(0.0, 2_147_483.0)]
    public double RetryIntervalSec { get; set; } = 1;

    /// <summary>Seconds to try to reach the receiver.</summary>
    [Parameter]
    [ValidateRange(1.0, 2_147_483.0)]
    public double ConnectTimeoutSec { get; set; } = 10;

    /// <summary>What becomes of symbolic links.</summary>
    [Parameter]
    public SymlinkMode Symlink { get; set; }

    /// <summary>Leaves out what is on other file systems.</summary>
    [Parameter]
    public SwitchParameter OneFileSystem { get; set; }

    /// <summary>Wildcards of which a file has to match one.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Include { get; set; } = [];

    /// <summary>Wildcards of what is left out.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[] Exclude { get; set; } = [];

    /// <summary>Leaves out smaller files.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MinimumSize { get; set; }

    /// <summary>Leaves out larger files.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumSize { get; set; }

    /// <summary>Leaves out files last modified at or before this.</summary>
    [Parameter]
    public DateTime? ModifiedAfter { get; set; }

    /// <summary>Leaves out files last modified at or after this.</summary>
    [Parameter]
    public DateTime? ModifiedBefore { get; set; }

    private SendOptions Options() => new()
    {
        Method = Method,
        Verify = Verify,
        ConnectionCount = ConnectionCount,
        Preserve = Preserve,
        // A link that is named alone stands for its file, as in Copy-FileZeroCopy; one of a tree is sent as a link.
        Symlink = Recurse ? Symlink : SymlinkMode.Follow,
        OneFileSystem = OneFileSystem,
        Include = Include,
        Exclude = Exclude,
        MinimumSize = MinimumSize,
        MaximumSize = MaximumSize,
        ModifiedAfter = ModifiedAfter,
        ModifiedBefore = ModifiedBefore,
        RequireStable = RequireStable,
        BandwidthLimit = BandwidthLimit,
        MaximumRetryCount = MaximumRetryCount,
        RetryInterval = TimeSpan.FromSeconds(RetryIntervalSec),
        IdleTime = IdleTime,
        ConnectTime = TimeSpan.FromSeconds(ConnectTimeoutSec),
    };

    private RawOptions RawOptions() => new()
    {
        Method = Method,
        Offset = Offset,
        Length = Length,
        BandwidthLimit = BandwidthLimit,
    };

    private void RefuseTreeParameters()
    {
        if (!Recurse && Array.Find(TreeParameters, IsGiven) is { } name)
            throw new ArgumentException($"-{name} is for trees: use it with -Recurse.");
    }
}
