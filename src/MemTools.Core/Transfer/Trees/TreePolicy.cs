using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>What is to be done with an item.</summary>
internal enum TreeAction
{
    Copy,
    Skip,
}

/// <summary>What is to be done with an item, and why where it is left out.</summary>
internal readonly record struct TreeDecision(TreeAction Action, string? Reason = null)
{
    internal static readonly TreeDecision Copy = new(TreeAction.Copy);
}

/// <summary>An item on which a policy decides: a file, link or special file, by its name in two open directories.</summary>
internal readonly ref struct TreeItem
{
    private readonly ref readonly Statx _source;

    internal TreeItem(TreeLease directory, NativePath name, ref readonly Statx source, DestinationEntry destination)
    {
        Directory = directory;
        Name = name;
        _source = ref source;
        Destination = destination;
    }

    internal TreeLease Directory { get; }

    /// <summary>The name in the source; the same in the destination but for a root that is renamed.</summary>
    internal NativePath Name { get; }

    /// <summary>The source's status; of what a link leads to where links are followed.</summary>
    internal ref readonly Statx Source => ref _source;

    internal DestinationEntry Destination { get; }
}

/// <summary>
/// What a run over a tree asks and tells. This one copies everything, as Copy-FileZeroCopy -Recurse does; a run that
/// updates, deletes, retries or limits overrides what it needs. All members are called from several threads at once.
/// </summary>
internal class TreePolicy
{
    /// <summary>Whether <see cref="Decide"/> is asked. It costs a statx(2) for each item and one for its destination.</summary>
    internal virtual bool Decides => false;

    /// <summary>Whether <see cref="Extra"/> is told. It costs listing each existing destination directory.</summary>
    internal virtual bool WantsExtras => false;

    /// <summary>Whether items that are left out by <see cref="Decide"/> have an outcome of their own.</summary>
    internal virtual bool ReportsSkipped => false;

    /// <summary>Whether the pair of directories in which a run begins takes owner, mode and times as those in it do.</summary>
    internal virtual bool SetsRootMetadata => false;

    /// <summary>The largest piece that one call copies, in bytes; small for a limit on bandwidth.</summary>
    internal virtual long LargestPiece => PieceSize.Largest;

    /// <summary>Told of every piece that arrived, on the thread that copies; may wait. Null for nobody.</summary>
    internal virtual IPieceObserver? Observer => null;

    /// <summary>Whether new directories may have a temporary name while their files are made.</summary>
    internal virtual bool Stages => true;

    /// <summary>Whether to copy an item. Directories are always entered; the rest is asked for.</summary>
    internal virtual TreeDecision Decide(in TreeItem item) => TreeDecision.Copy;

    /// <summary>
    /// Asked where a directory stands in the way of something else, or something else (no link) in that of a directory.
    /// </summary>
    /// <param name="directory">The directory that it stands in.</param>
    /// <param name="destination">Its destination, open.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether the name is free now, or would be where nothing is to be changed; false makes it an error.</returns>
    internal virtual bool ClearsTheWay(TreeDirectory directory, Descriptor destination, NativePath name) => false;

    /// <summary>Told of a source directory that could not be opened or listed to its end.</summary>
    internal virtual void Incomplete(TreeDirectory directory)
    {
    }

    /// <summary>
    /// Told of a name in an existing destination directory that the source lacks, after the source has been listed
    /// to its end. Names that filters exclude are not told. Not called where the source could not be listed whole.
    /// </summary>
    /// <param name="directory">Both directories, open.</param>
    /// <param name="name">The name.</param>
    /// <param name="type">DT_DIR, DT_REG…, or DT_UNKNOWN.</param>
    internal virtual void Extra(TreeLease directory, NativePath name, byte type)
    {
    }

    /// <summary>Whether the run has directories that it copies to; without, nothing is looked for there.</summary>
    internal virtual bool HasDestination => true;

    /// <summary>Whether a directory is complete only when <see cref="TreeRun.Finished"/> says so, after <see cref="FinishLater"/>.</summary>
    internal virtual bool FinishesLater => false;

    /// <summary>Told of a directory in which everything is done, where <see cref="FinishesLater"/>; must not wait.</summary>
    internal virtual void FinishLater(TreeDirectory directory)
    {
    }

    /// <summary>Told of a worker that is about to wait because there is nothing to do.</summary>
    internal virtual void Idle(TreeWorker worker)
    {
    }

    /// <summary>Makes a symbolic link again. Null where the outcome will be reported later.</summary>
    internal virtual FileTransferResult? CopySymlink(
        TreeWorker worker, TreeLease directory, NativePath name, DestinationEntry destination, in Statx status, FileCopyOptions options) =>
        NodeCopy.Symlink(directory, name, destination, status, options);

    /// <summary>
    /// Copies one regular file; may call <see cref="TreeFile.Copy"/> again after a failure. Null where the file is one
    /// more name of a file that another worker is copying: the name will come again; or where its outcome will be reported later.
    /// </summary>
    [MethodImpl(Compilation.AtOnce)]
    internal virtual FileTransferResult? CopyFile(TreeFile file) => file.Copy();
}
