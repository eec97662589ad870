using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>What a job may remove: not what filters leave out, and not its log.</summary>
internal sealed class SyncDeleteRules(FolderSyncWork work, FolderSyncOptions options, JobLog? log) : DeleteRules
{
    private readonly ProtectedNames _names = new(options.Tree);

    internal override long Most => options.MaximumDelete ?? long.MaxValue;

    internal override bool KeepsTimes => options.Tree.File.Preserve.HasFlag(PreserveItems.Timestamps);

    internal override bool Approves(NativePath path) => work.Approves(path) && !options.Tree.PlanOnly;

    internal override bool IsProtected(NativePath relative, in Statx status) =>
        _names.Contain(relative, status.IsDirectory) || (log is not null && log.IsSameFile(status));

    internal override void OnRemoved(NativePath path, in Statx status) => work.Removed(path, status);

    internal override void OnFailed(NativePath path, SystemCallException error) => work.NotRemoved(path, error);
}
