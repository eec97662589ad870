using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Tests.Transfer.Trees;

/// <summary>Does something right before files are copied.</summary>
internal sealed class HookedPolicy(Action<TreeFile> before) : TreePolicy
{
    internal HookedPolicy(string name, Action act)
        : this(file =>
        {
            if (file.Name.ToString() == name)
                act();
        })
    {
    }

    /// <summary>False where the hook works on directories of the destination, which are to have their names from the beginning.</summary>
    internal bool StagesDirectories { get; init; } = true;

    /// <summary>Names that the destination has besides, where they are asked for.</summary>
    internal List<string>? Extras { get; init; }

    internal IPieceObserver? Watcher { get; init; }

    internal override bool Stages => StagesDirectories;

    internal override IPieceObserver? Observer => Watcher;

    internal override bool WantsExtras => Extras is not null;

    internal override void Extra(TreeLease directory, NativePath name, byte type) => Extras!.Add(name.ToString());

    internal override FileTransferResult? CopyFile(TreeFile file)
    {
        before(file);
        return file.Copy();
    }
}
