using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Sync-FolderZeroCopy: makes the content of one folder equal to another's, unattended.</summary>
[Cmdlet(VerbsData.Sync, "FolderZeroCopy", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileTransferJobResult), typeof(FileTransferResult))]
public sealed class SyncFolderZeroCopyCommand : InterruptibleCommand
{
    private const string PathSet = "Path";
    private const string LiteralPathSet = "LiteralPath";

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

    /// <summary>How the bytes move.</summary>
    [Parameter]
    public CopyMethod Method { get; set; }

    /// <summary>Replaces read-only destinations and creates missing directories above the destination.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <summary>Writes into existing destinations.</summary>
    [Parameter]
    public SwitchParameter InPlace { get; set; }

    /// <summary>Refuses to write in place.</summary>
    [Parameter]
    public SwitchParameter RequireAtomic { get; set; }

    /// <summary>What besides the bytes comes from the source.</summary>
    [Parameter]
    public PreserveItems Preserve { get; set; } = PreserveItems.Mode | PreserveItems.Timestamps;

    /// <summary>What becomes of holes.</summary>
    [Parameter]
    public SparseMode Sparse { get; set; }

    /// <summary>How each copy is checked.</summary>
    [Parameter]
    public VerifyMode Verify { get; set; }

    /// <summary>Waits until each copy is on the disk.</summary>
    [Parameter]
    public SwitchParameter Flush { get; set; }

    /// <summary>What stays in the page cache.</summary>
    [Parameter]
    public CachePolicy CachePolicy { get; set; }

    /// <summary>Fails where a source is modified meanwhile.</summary>
    [Parameter]
    public SwitchParameter RequireStable { get; set; }

    /// <summary>What becomes of symbolic links.</summary>
    [Parameter]
    public SymlinkMode Symlink { get; set; }

    /// <summary>What becomes of FIFOs, sockets and devices.</summary>
    [Parameter]
    public SpecialFileMode SpecialFile { get; set; }

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

    /// <summary>How many threads copy.</summary>
    [Parameter]
    [ValidateRange(1, TreeCopyOptions.MostWorkers)]
    public int ThrottleLimit { get; set; }

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

    private TreeCopyOptions TreeOptions() => new()
    {
        File = FileOptions(),
        Symlink = Symlink,
        SpecialFile = SpecialFile,
        OneFileSystem = OneFileSystem,
        Include = Include,
        Exclude = Exclude,
        MinimumSize = MinimumSize,
        MaximumSize = MaximumSize,
        ModifiedAfter = ModifiedAfter,
        ModifiedBefore = ModifiedBefore,
        ThrottleLimit = ThrottleLimit,
        PlanOnly = IsWhatIf,
    };

    private FileCopyOptions FileOptions() => new()
    {
        Method = Method,
        Force = Force,
        InPlace = InPlace,
        RequireAtomic = RequireAtomic,
        Preserve = Preserve,
        Sparse = Sparse,
        Verify = Verify,
        Flush = Flush,
        CachePolicy = CachePolicy,
        RequireStable = RequireStable,
        Resume = Resume,
    };

    /// <summary>Whether -WhatIf or its preference variable is in effect; ShouldProcess would say so only by printing.</summary>
    private bool IsWhatIf => MyInvocation.BoundParameters.TryGetValue("WhatIf", out object? given)
        ? ((SwitchParameter)given).IsPresent
        : LanguagePrimitives.IsTrue(GetVariableValue("WhatIfPreference"));
}
