using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Commands;

/// <summary>Sync-FolderZeroCopy: makes the content of one folder equal to another's, unattended.</summary>
[Cmdlet(VerbsData.Sync, "FolderZeroCopy", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileTransferJobResult), typeof(FileTransferResult))]
public sealed class SyncFolderZeroCopyCommand : TreeTransferCommand
{
    private FolderSyncRunner? _runner;

    /// <summary>The folder to copy from; a wildcard has to name one.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = PathSet)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string Path { get; set; } = string.Empty;

    /// <summary>The folder to copy from, by its name as it is.</summary>
    [Parameter(Mandatory = true, ParameterSetName = LiteralPathSet)]
    [Alias("PSPath", "LP")]
    [ValidateNotNullOrEmpty]
    public string LiteralPath { get; set; } = string.Empty;

    /// <summary>The folder to make equal.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    [ValidateNotNullOrEmpty]
    public string Destination { get; set; } = string.Empty;

    /// <summary>Which files count as copied already.</summary>
    [Parameter]
    public SkipWhen SkipWhen { get; set; }

    /// <summary>Removes what the source no longer has.</summary>
    [Parameter]
    public SwitchParameter Delete { get; set; }

    /// <summary>The most items to remove.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long? MaximumDelete { get; set; }

    /// <summary>Keeps large files that were interrupted, and goes on with them.</summary>
    [Parameter]
    public SwitchParameter Resume { get; set; }

    /// <summary>How often to try again after a transient error.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int MaximumRetryCount { get; set; }

    /// <summary>Seconds to wait before that.</summary>
    [Parameter]
    [ValidateRange(0.0, 2_147_483.0)]
    public double RetryIntervalSec { get; set; } = 5;

    /// <summary>The most bytes a second.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long? BandwidthLimit { get; set; }

    /// <summary>The log.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LogPath { get; set; }

    /// <summary>Fails at once where another job is at work.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Emits the results of the items instead of the job's.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _runner?.UninterruptibleCall;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        try
        {
            string source = Paths.One(ParameterSetName == LiteralPathSet ? LiteralPath : Path, ParameterSetName == LiteralPathSet);
            _runner = new FolderSyncRunner(this, source, Paths.Literal(Destination), Options(), PassThru);
        }
        catch (Exception e) when (e is ItemNotFoundException or System.Management.Automation.DriveNotFoundException)
        {
            ThrowTerminatingError(new(e, nameof(ErrorKind.NotFound), ErrorCategory.ObjectNotFound, Path));
        }
        catch (Exception e) when (e is ArgumentException or PSNotSupportedException or PSArgumentException or ProviderNotFoundException or WildcardPatternException)
        {
            ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), Path));
        }

        _runner!.Run();
    }

    private protected override FileCopyOptions FileOptions() => base.FileOptions() with { Resume = Resume };

    private FolderSyncOptions Options() => new()
    {
        Tree = TreeOptions(),
        SkipWhen = SkipWhen,
        Delete = Delete,
        MaximumDelete = MaximumDelete,
        MaximumRetryCount = MaximumRetryCount,
        RetryInterval = TimeSpan.FromSeconds(RetryIntervalSec),
        BandwidthLimit = BandwidthLimit,
        LogPath = LogPath is null ? null : Paths.Literal(LogPath),
        NoWait = NoWait,
        ReportsSkipped = PassThru,
    };
}
