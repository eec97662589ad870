using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>How one folder is made equal to another. The defaults are those of Sync-FolderZeroCopy.</summary>
public sealed record FolderSyncOptions
{
    /// <summary>How the tree is copied, and which items belong to the job.</summary>
    public TreeCopyOptions Tree { get; init; } = new();

    /// <summary>Which files count as copied already.</summary>
    public SkipWhen SkipWhen { get; init; }

    /// <summary>Removes from the destination what the source no longer has.</summary>
    public bool Delete { get; init; }

    /// <summary>The most items to remove; where there are more, none is removed. Null for any number.</summary>
    public long? MaximumDelete { get; init; }

    /// <summary>How often an item is tried again after a transient error.</summary>
    public int MaximumRetryCount { get; init; }

    /// <summary>How long to wait before that.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The most bytes a second, over all workers; null for no limit.</summary>
    public long? BandwidthLimit { get; init; }

    /// <summary>The file to which the log is appended, or null.</summary>
    public string? LogPath { get; init; }

    /// <summary>Fails at once where another job works on the destination, instead of waiting.</summary>
    public bool NoWait { get; init; }

    /// <summary>Has items that were left alone reported too.</summary>
    public bool ReportsSkipped { get; init; }

    /// <summary>The sentence that says which options contradict each other, or null.</summary>
    public string? Contradiction => this switch
    {
        { SkipWhen: SkipWhen.SameSizeAndTime } when !Tree.File.Preserve.HasFlag(PreserveItems.Timestamps) =>
            "-SkipWhen SameSizeAndTime needs -Preserve Timestamps: without it no copy has its source's time, and every run would copy everything. Use -SkipWhen Newer or SameHash.",
        { MaximumDelete: not null, Delete: false } => "-MaximumDelete limits what -Delete removes: use it with -Delete.",
        { MaximumDelete: < 0 } => "-MaximumDelete cannot be negative.",
        { MaximumRetryCount: < 0 } => "-MaximumRetryCount cannot be negative.",
        { BandwidthLimit: < 1 } => "-BandwidthLimit has to be at least 1 byte a second.",
        { Tree.File.NoClobber: true } => "-NoClobber leaves alone what stands in the destination, which a job has to make equal to the source.",
        _ when RetryInterval < TimeSpan.Zero || RetryInterval.TotalMilliseconds > int.MaxValue =>
            "-RetryIntervalSec has to lie between 0 and 2147483.",
        _ => Tree.Contradiction,
    };
}
