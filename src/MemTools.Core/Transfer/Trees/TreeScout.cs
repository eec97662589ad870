using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>
/// Walks ahead of a run and counts what there is to copy, for the percentage and the time left. It costs a statx a
/// file, so it begins only when a run has gone on for so long that somebody reads its progress.
/// </summary>
internal sealed class TreeScout
{
    /// <summary>
    /// Half a second after progress is first shown: what is over soon would be held up by counting and tell nothing of it.
    /// </summary>
    internal static readonly TimeSpan BeginsAfter = TimeSpan.FromSeconds(1);

    private const int StackSize = 512 * 1024;

    /// <summary>Each level keeps a directory open. What is deeper is not counted, and then there is no total.</summary>
    private const int Deepest = 64;

    private readonly TreeRun _run;
    private readonly TreeDirectory _root;
    private readonly Thread _thread;
    private long _files;
    private long _bytes;

    private TreeScout(TreeRun run, TreeDirectory root)
    {
        _run = run;
        _root = root;
        _thread = new Thread(Walk, StackSize) { IsBackground = true, Name = "memtools scout" };
    }

    /// <summary>Begins to count, where the total can be known: links that are followed may lead anywhere.</summary>
    internal static TreeScout? Begin(TreeRun run, TreeDirectory root)
    {
        if (run.Options.Symlink == SymlinkMode.Follow || run.Options.PlanOnly)
            return null;
        TreeScout scout = new(run, root);
        scout._thread.Start();
        return scout;
    }

    internal void Join() => _thread.Join();

    private void Walk()
    {
        try
        {
            bool whole = _run.BeginsWithName ? Visit(_root, _root.Source, _run.FirstName) : Enter(_root, _root.Source, DestinationFolder.Itself);
            if (whole)
                _run.Totals.SetAll(_files, _bytes);
        }
        catch (Exception e) when (e is SystemCallException or OperationCanceledException)
        {
            // Who copies comes upon it too and tells; there is just no total.
        }
    }

    /// <summary>Counts what is in a directory. False where not all of it could be counted.</summary>
    private bool Enter(TreeDirectory directory, Descriptor above, NativePath name)
    {
        int flags = OpenFlags.ReadOnly | OpenFlags.Directory | OpenFlags.NonBlocking | OpenFlags.NoFollow;
        if (directory.Depth > _root.Depth + Deepest)
            return false;
        using Descriptor opened = FileIO.Open(above, name, flags);
        bool beginsHere = directory.Parent is not { Parent: not null };
        if (_run.Options.OneFileSystem && !beginsHere && FileMetadata.StatusOf(opened, name).Device != FileMetadata.StatusOf(above, name).Device)
            return true;
        List<NativePath> names = [];
        long listed = DirectoryEntries.ListNames(opened, names);
        SystemCallException.Check(listed, "getdents64", name);
        return names.TrueForAll(one => Visit(directory, opened, one));
    }

    private bool Visit(TreeDirectory directory, Descriptor opened, NativePath name)
    {
        _run.Stop.ThrowIfCancellationRequested();
        // The run came to its end first: nobody asks for a total any more.
        if (_run.HasEnded)
            return false;
        // It may have gone meanwhile.
        if (FileMetadata.Status(opened, name, MetadataCalls.AtNoFollow, out Statx status) < 0)
            return true;
        if (_run.Filter.NeedsNames && _run.Filter.Excludes(directory, name, status.IsDirectory))
            return true;
        if (status.IsDirectory)
            return Enter(new(directory, name, name, follow: false), opened, name);
        if (EntryCopy.IsLeftOut(status.Type, _run.Options) || !_run.Filter.Selects(directory, name, status.Type, status))
            return true;
        _files++;
        _bytes += status.IsRegular ? status.Length : 0;
        return true;
    }
}
