using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Jobs;

/// <summary>
/// What a job decides on each item of the tree: whether it is there already, whether it is tried again, how fast it may
/// go, and what the destination has too many of. Called by all workers.
/// </summary>
internal sealed class SyncPolicy : TreePolicy
{
    private readonly FolderSyncOptions _options;
    private readonly SyncListener _listener;
    private readonly SkipRule _rule;
    private readonly MetadataRefresh _refresh;
    private readonly RetryPolicy _retry;
    private readonly RateLimit? _limit;
    private readonly LinkedCopies _links;
    private readonly CancellationToken _stop;

    internal SyncPolicy(FolderSyncOptions options, SyncListener listener, SkipRule rule, CancellationToken stop)
    {
        _options = options;
        _listener = listener;
        _rule = rule;
        _refresh = new(options.Tree.File.Preserve, rule, options.Tree.Symlink == SymlinkMode.Follow);
        _retry = new(options.MaximumRetryCount, options.RetryInterval);
        _limit = options.BandwidthLimit is { } rate ? new RateLimit(rate) : null;
        _links = new(options.Tree.File.Preserve.HasFlag(PreserveItems.HardLinks));
        _stop = stop;
    }

    internal override bool Decides => _options.SkipWhen != SkipWhen.Never;

    internal override bool WantsExtras => _options.Delete;

    internal override bool ReportsSkipped => _options.ReportsSkipped;

    internal override bool SetsRootMetadata => true;

    internal override long LargestPiece => _limit?.LargestPiece ?? base.LargestPiece;

    internal override IPieceObserver? Observer => _limit;

    /// <summary>Files that are held up would keep their directory from its name.</summary>
    internal override bool Stages => _limit is null && !_retry.TriesAgain;

    [MethodImpl(Compilation.AtOnce)]
    internal override TreeDecision Decide(in TreeItem item)
    {
        if (!item.Destination.Exists || item.Source.Type != item.Destination.Existing.Type)
            return TreeDecision.Copy;
        string? reason = item.Source.IsRegular ? ReasonToSkipFile(item) : ReasonToSkipNode(item);
        if (reason is null)
            return TreeDecision.Copy;
        _listener.Skipped();
        return new(TreeAction.Skip, reason);
    }

    [MethodImpl(Compilation.AtOnce)]
    internal override FileTransferResult? CopyFile(TreeFile file) => _retry.TriesAgain ? CopyWithRetries(file) : file.Copy();

    private FileTransferResult? CopyWithRetries(TreeFile file) => _retry.Run(
        file.Copy,
        (error, number) =>
        {
            _listener.Retrying(file.SourcePath, error, number);
            file.Refresh();
        },
        file.Stop);

    internal override void Extra(TreeLease directory, NativePath name, byte type)
    {
        if (!IsPartialInUse(directory, name))
            _listener.Extra(directory.Directory, name);
    }

    internal override void Incomplete(TreeDirectory directory) => _listener.Incomplete();

    internal override bool ClearsTheWay(TreeDirectory directory, Descriptor destination, NativePath name) =>
        _options.Delete && _listener.Clear(directory, destination, name);

    [MethodImpl(Compilation.AtOnce)]
    private string? ReasonToSkipFile(in TreeItem item)
    {
        string? reason = _rule.Ask(item.Source, item.Destination.Existing) switch
        {
            SkipAnswer.Skip => "UpToDate",
            SkipAnswer.CompareContent when HasSameContent(item) => "SameContent",
            _ => null,
        };
        if (reason is null || !_links.Keeps(item))
            return null;
        bool isNewer = _options.SkipWhen == SkipWhen.Newer && !_rule.IsSameTime(item.Source.ModifyTime, item.Destination.Existing.ModifyTime);
        if (!isNewer && !_options.Tree.PlanOnly)
            Refresh(item);
        return reason;
    }

    private void Refresh(in TreeItem item)
    {
        try
        {
            if (_refresh.Apply(item))
                _listener.Refreshed();
        }
        catch (SystemCallException e)
        {
            _listener.Warn(item.Directory.SourcePath.Append(item.Name), $"What -Preserve names could not be brought up to date: {e.Message}.");
        }
    }

    private bool HasSameContent(in TreeItem item)
    {
        NativePath path = item.Directory.SourcePath.Append(item.Name);
        bool follow = _options.Tree.Symlink == SymlinkMode.Follow;
        using SourceFile source = SourceFile.OpenRegular(item.Directory.Source, item.Name, path, follow);
        using SourceFile destination = SourceFile.OpenRegular(
            item.Destination.Directory, item.Destination.Name, item.Destination.Path, follow: false);
        return SameContent.CommonPrefix(source.End, destination.End, item.Source.Length, _stop) == item.Source.Length;
    }

    /// <summary>Links and special files: the same where nothing of them would change.</summary>
    private string? ReasonToSkipNode(in TreeItem item)
    {
        ref readonly Statx source = ref item.Source;
        ref readonly Statx existing = ref item.Destination.Existing;
        if (_refresh.IsNeeded(source, existing))
            return null;
        bool same = source.IsSymlink
            ? HasSameTarget(item)
            : source.SpecialDeviceMajor == existing.SpecialDeviceMajor && source.SpecialDeviceMinor == existing.SpecialDeviceMinor;
        return same ? "UpToDate" : null;
    }

    private static bool HasSameTarget(in TreeItem item) =>
        DirectoryEntries.ReadLink(item.Directory.Source, item.Name, out NativePath wanted) == 0
        && DirectoryEntries.ReadLink(item.Destination.Directory, item.Destination.Name, out NativePath present) == 0
        && wanted.Bytes.SequenceEqual(present.Bytes);

    /// <summary>Whether a name is the unfinished file of a source that is still there, which -Resume goes on with.</summary>
    private bool IsPartialInUse(TreeLease directory, NativePath name) =>
        _options.Tree.File.Resume
        && PartialName.Matches(name.Bytes)
        && (!PartialName.TryOriginal(name, out NativePath original)
            || FileMetadata.Status(directory.Source, original, MetadataCalls.AtNoFollow, out _) == 0);
}
