using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using MemTools.Commands.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;

namespace MemTools.Commands;

/// <content>What it can be asked for.</content>
public sealed partial class ReceiveFileZeroCopyCommand
{
    private const string ListenSet = "Listen";

    /// <summary>The directory that gets the files.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ListenSet)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>The address to listen on.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ArgumentCompleter(typeof(LocalAddressCompleter))]
    [ValidateNotNull]
    public IPAddress Address { get; set; } = IPAddress.Loopback;

    /// <summary>The TCP port; 0 for one that is free.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(0, IPEndPoint.MaxPort)]
    public int Port { get; set; }

    /// <summary>A path at which to listen on a Unix socket instead.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateNotNullOrEmpty]
    public string? UnixSocket { get; set; }

    /// <summary>The largest file that is taken.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumSize { get; set; }

    /// <summary>The most bytes that one sender may bring.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumSessionSize { get; set; }

    /// <summary>The most files, folders and links that one sender may bring.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(1, long.MaxValue)]
    public long? MaximumItemCount { get; set; }

    /// <summary>The most connections at once.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(1, ReceiveOptions.MostConnections)]
    public int MaximumConnectionCount { get; set; } = 128;

    /// <summary>Ends after so many senders.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; }

    /// <summary>Ends with an error where nobody was connected for so long.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    [ValidateRange(1.0, 2_147_483.0)]
    public double? TimeoutSec { get; set; }

    /// <summary>A connection or pipe that the caller has: raw bytes, without a protocol.</summary>
    [Parameter(Mandatory = true, ParameterSetName = SocketSet)]
    [ValidateNotNull]
    public object Socket { get; set; } = null!;

    /// <summary>The file that gets the bytes.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = SocketSet)]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = string.Empty;

    /// <summary>How the bytes leave the socket.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    public CopyMethod Method { get; set; }

    /// <summary>The most bytes to receive.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    [ValidateRange(0, long.MaxValue)]
    public long? Length { get; set; }

    /// <summary>Replaces a read-only file and creates missing directories.</summary>
    [Parameter(ParameterSetName = SocketSet)]
    public SwitchParameter Force { get; set; }

    /// <summary>Leaves files that exist alone.</summary>
    [Parameter]
    public SwitchParameter NoClobber { get; set; }

    /// <summary>Waits until each file is on the disk.</summary>
    [Parameter]
    public SwitchParameter Flush { get; set; }

    /// <summary>Refuses content that comes without a digest.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    public SwitchParameter RequireDigest { get; set; }

    /// <summary>Receives in the background.</summary>
    [Parameter(ParameterSetName = ListenSet)]
    public SwitchParameter AsJob { get; set; }

    private ReceiveOptions Options() => new()
    {
        Address = Address,
        Port = Port,
        UnixSocket = UnixSocket is null ? null : Paths.Literal(UnixSocket),
        Listener = TakeListener(),
        MaximumSize = MaximumSize,
        MaximumSessionSize = MaximumSessionSize,
        MaximumEntries = MaximumItemCount ?? new ReceiveOptions().MaximumEntries,
        MaximumConnections = MaximumConnectionCount,
        NoClobber = NoClobber,
        Flush = Flush,
        RequireDigest = RequireDigest,
        IdleTime = IdleTime,
        SessionCount = Count,
        WaitTime = TimeoutSec is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    };

    private RawOptions RawOptions() => new()
    {
        Method = Method,
        Length = Length,
        Force = Force,
        NoClobber = NoClobber,
        Flush = Flush,
    };

    /// <summary>The socket that systemd passed, unless the user names another place.</summary>
    private Socket? TakeListener() =>
        IsGiven(nameof(Address)) || IsGiven(nameof(Port)) || IsGiven(nameof(UnixSocket)) ? null : ServiceManager.TakeListener();
}
