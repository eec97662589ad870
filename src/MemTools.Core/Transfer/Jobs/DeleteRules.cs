using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Jobs;

/// <summary>What a <see cref="DeletePass"/> may remove, and whom it tells.</summary>
internal abstract class DeleteRules
{
    /// <summary>The most names to remove: files, links and directories each count as one.</summary>
    internal virtual long Most => long.MaxValue;

    /// <summary>Whether directories keep their times when something in them goes.</summary>
    internal virtual bool KeepsTimes => false;

    /// <summary>Whether an item that the source lacks may go, with all that is in it: asked once an item, before it goes.</summary>
    internal virtual bool Approves(NativePath path) => true;

    /// <summary>Whether a filter keeps a name; it keeps the directories above it too.</summary>
    /// <param name="relative">The path from the destination's root.</param>
    /// <param name="status">What it is.</param>
    internal virtual bool IsProtected(NativePath relative, in Statx status) => false;

    /// <summary>Told of every name that went.</summary>
    internal abstract void OnRemoved(NativePath path, in Statx status);

    /// <summary>Told of every name that would not go.</summary>
    internal abstract void OnFailed(NativePath path, SystemCallException error);
}
