using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;

namespace MemTools.Transfer.Trees;

/// <summary>One thread of a run. It lists directories and copies entries until there are none.</summary>
internal sealed class TreeWorker
{
    private const int OutcomesAtOnce = 64;
    private const int StackSize = 512 * 1024;

    private readonly TreeRun _run;
    private readonly Thread _thread;
    private readonly List<TreeOutcome> _outcomes = [];
    private readonly GarbageBound _garbage;

    /// <summary>The directory that it works in, kept from one handful of entries to the next.</summary>
    private TreeLease? _lease;
    private TreeFile? _copying;

    internal TreeWorker(TreeRun run, int index)
    {
        _run = run;
        Index = index;
        _garbage = new GarbageBound(Math.Max(run.Workers, 1));
        _thread = new Thread(Work, StackSize) { IsBackground = true, Name = "memtools tree" };
        Context = new CopyContext(run.Options.File)
        {
            Pieces = new PieceSize(run.Policy.LargestPiece),
            RemembersWritten = false,
            Observers = run.Policy.Observer is { } observer ? [run.Totals, observer] : [run.Totals],
            Verbose = run.WantsVerbose ? text => Report(new() { Source = Current ?? string.Empty, Verbose = text }) : null,
        };
    }

    internal CopyContext Context { get; }

    /// <summary>Which of the run's workers it is, from 0.</summary>
    internal int Index { get; }

    internal CancellationToken Stop => _run.Stop;

    /// <summary>The file that it is copying, or null. For anybody to ask.</summary>
    internal string? Current => Volatile.Read(ref _copying) is { } file ? file.Directory.Directory.SourcePath().Append(file.Name).ToString() : null;

    internal void Start() => _thread.Start();

    internal void Join()
    {
        if (_thread.ThreadState != ThreadState.Unstarted)
            _thread.Join();
    }

    [MethodImpl(Compilation.AtOnce)]
    internal void Report(TreeOutcome outcome)
    {
        _outcomes.Add(outcome);
        if (_outcomes.Count >= OutcomesAtOnce)
            HandOver();
    }

    internal void ReportError(NativePath source, Exception error) =>
        Report(new() { Source = source.ToString(), SourceBytes = source.BytesBeyondText, Error = AsTransferError(error) });

    /// <summary>Copies or links a regular file; see <see cref="TreeFile.Copy"/>.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal FileTransferResult? CopyRegular(TreeFile file)
    {
        _copying = file;
        try
        {
            return CopyOpened(file);
        }
        finally
        {
            _copying = null;
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private FileTransferResult? CopyOpened(TreeFile file)
    {
        NativePath path = file.SourcePath;
        FileCopyTask task = new(Context, path, Stop);
        using SourceFile source = SourceFile.OpenRegular(
            file.Directory.Source, file.Name, path, _run.Options.Symlink == SymlinkMode.Follow);
        DestinationRules.Check(source, file.Destination, Context);
        bool linked = source.Status.LinkCount > 1 && _run.Options.File.Preserve.HasFlag(PreserveItems.HardLinks);
        return linked ? CopyOrLink(task, source, file) : task.Copy(source, file.Destination);
    }

    /// <summary>Sets what a directory takes from its source, when all that is in it is done.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Finish(TreeDirectory directory)
    {
        NativePath path = directory.SourcePath();
        try
        {
            // A plan has told of it before what is in it.
            if (directory.HasDestination && !_run.Options.PlanOnly && IsReported(directory))
                Report(DirectoryFinish.Apply(directory, _run.Options, path));
        }
        catch (Exception e) when (e is SystemCallException or TransferException)
        {
            ReportError(path, e);
        }
        finally
        {
            if (ReferenceEquals(_lease?.Directory, directory))
                LetGo();
            directory.Close();
        }
    }

    private bool IsReported(TreeDirectory directory) => directory.Parent is not null || _run.Policy.SetsRootMetadata;

    [MethodImpl(Compilation.AtOnce)]
    private void Work()
    {
        try
        {
            while (_run.Queue.TryTake(this, Idle, out TreeDirectory? directory, out TreeChunk chunk, out ITreeTask? task))
            {
                if (task is not null)
                    task.Run(this);
                else if (directory is null)
                    WorkOn(chunk);
                else
                    List(directory);
            }
        }
        catch (OperationCanceledException)
        {
            // Whoever stopped the run knows.
        }
        catch (Exception e)
        {
            _run.Break(e);
        }
        finally
        {
            LetGo();
            HandOver();
            _run.Ended();
        }
    }

    [MethodImpl(Compilation.AtOnce)]
    private TreeLease Take(TreeDirectory directory)
    {
        if (_lease is { } kept && ReferenceEquals(kept.Directory, directory))
            return kept;
        LetGo();
        return _lease = directory.Acquire();
    }

    [MethodImpl(Compilation.AtOnce)]
    private void LetGo()
    {
        _lease?.Dispose();
        _lease = null;
    }

    private void Idle()
    {
        LetGo();
        HandOver();
        _run.Policy.Idle(this);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void HandOver()
    {
        if (_outcomes.Count == 0)
            return;
        _run.Results.Add(_outcomes);
        // It may have waited for the reader.
        Context.Mark = null;
    }

    /// <summary>Reads the next entries of a directory, and leaves them, and the rest of it, to be done.</summary>
    [MethodImpl(Compilation.AtOnce)]
    private void List(TreeDirectory directory)
    {
        try
        {
            TreeLease lease = Take(directory);
            if (IsToBeEntered(lease) && ListMore(lease))
                return;
        }
        catch (Exception e) when (e is SystemCallException or TransferException)
        {
            directory.Incomplete = true;
            _run.Policy.Incomplete(directory);
            ReportError(directory.SourcePath(), e);
        }

        _run.Complete(directory, this);
    }

    [MethodImpl(Compilation.AtOnce)]
    private bool IsToBeEntered(TreeLease lease)
    {
        TreeDirectory directory = lease.Directory;
        if (directory.IsListed)
            return true;
        directory.IsListed = true;
        // Asked first: it is an error where a file stands in its place.
        if (_run.Options.PlanOnly && lease.Destination is var _ && IsReported(directory))
            Report(DirectoryFinish.Apply(directory, _run.Options, lease.SourcePath));
        if (directory.Parent is { } parent)
        {
            if (parent.IsWithin(directory.Status))
                throw new TransferException(ErrorKind.SymlinkLoop, $"'{lease.SourcePath}' leads back to a directory that it is in: it is not followed.");
            if (_run.IsDestinationRoot(directory.Status))
                throw new TransferException(ErrorKind.Misuse, $"'{lease.SourcePath}' is the destination: a tree cannot be copied into itself.");
        }

        if (!_run.Options.SelectsFiles || directory.Parent is null)
            directory.Prepare();
        bool otherFileSystem = _run.Options.OneFileSystem && directory.Parent is { Parent: not null } above
            && above.Status.Device != directory.Status.Device;
        return !otherFileSystem;
    }

    [MethodImpl(Compilation.AtOnce)]
    private bool ListMore(TreeLease lease)
    {
        long read = TreeBatch.Read(lease, out TreeBatch? batch);
        SystemCallException.Check(read, "getdents64", lease.SourcePath);
        TreeDirectory directory = lease.Directory;
        if (batch is null)
        {
            ExtraEntries.Tell(lease, _run);
            return false;
        }

        ExtraEntries.Remember(directory, batch, _run);
        directory.AddPending();
        _run.Queue.Push(new TreeQueue.Step(directory, null), new TreeQueue.Step(directory, batch));
        return true;
    }

    [MethodImpl(Compilation.AtOnce)]
    private void WorkOn(TreeChunk chunk)
    {
        TreeDirectory directory = chunk.Batch.Directory;
        try
        {
            TreeLease lease = Take(directory);
            Context.Mark = null;
            for (int at = chunk.Start; at < chunk.End; at += chunk.Batch.LengthAt(at))
            {
                Stop.ThrowIfCancellationRequested();
                long? mark = Context.Mark?.Time;
                ReadOnlySpan<byte> name = chunk.Batch.NameAt(at);
                if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
                    Enter(lease, NativePath.From(name), chunk.Batch.TypeAt(at), chunk.Batch.DestinationName);
                // Nothing was copied: what that took is no part of the next file.
                if (Context.Mark?.Time == mark)
                    Context.Mark = null;
            }
        }
        catch (Exception e) when (e is SystemCallException or TransferException)
        {
            ReportError(directory.SourcePath(), e);
        }
        finally
        {
            chunk.Batch.Release();
        }

        _garbage.Check();
        _run.Complete(directory, this);
    }

    [MethodImpl(Compilation.AtOnce)]
    private void Enter(TreeLease lease, NativePath name, byte type, NativePath? destinationName)
    {
        try
        {
            new EntryCopy(this, _run, lease, name, destinationName ?? name).Run(type);
        }
        catch (Exception e) when (e is SystemCallException or TransferException)
        {
            _run.Totals.Done(1, 0);
            ReportError(lease.SourcePath.Append(name), e);
        }
    }

    private FileTransferResult? CopyOrLink(FileCopyTask task, SourceFile source, TreeFile file)
    {
        Statx status = source.Status;
        TreeDirectory directory = file.Directory.Directory;
        switch (_run.Links.Take(status, directory, file.Name, out (TreeDirectory Directory, NativePath Name) first))
        {
            case LinkMap.Turn.Wait:
                return null;
            case LinkMap.Turn.Link:
                using (TreeLease there = first.Directory.Acquire())
                    return task.Link(source, file.Destination, there.Destination!, first.Name);
        }

        FileTransferResult? result = null;
        try
        {
            return result = task.Copy(source, file.Destination);
        }
        finally
        {
            // Names that waited come again: to be linked to the copy, or to be copied where this one failed.
            (TreeDirectory, NativePath)? copy = result is null ? null : (directory, file.Destination.Name);
            foreach ((TreeDirectory where, NativePath name) in _run.Links.Finish(status, copy))
                _run.Queue.Push(new TreeQueue.Step(where, TreeBatch.Of(where, name)));
        }
    }

    private static TransferException AsTransferError(Exception error) => error switch
    {
        TransferException known => known,
        SystemCallException call => new(call.Kind, call.Message + ".", call),
        _ => throw new ArgumentException("Not an error of a transfer.", nameof(error), error),
    };
}
