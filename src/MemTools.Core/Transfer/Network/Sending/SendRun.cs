using System.Runtime.CompilerServices;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Connections;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>
/// A walk whose files are sent rather than copied. Each worker has a connection of its own. What was sent counts as done only
/// with its result, so that a directory is complete, and sent itself, when all that is in it has arrived.
/// </summary>
internal sealed class SendRun : TreePolicy, IDisposable
{
    private readonly HashSet<(TreeDirectory, NativeName)> _again = [];
    private readonly List<TreeOutcome> _reports = [];
    private readonly WorkerSender[] _senders;
    private TreeRun? _run;

    internal SendRun(SendSession session)
    {
        Session = session;
        _senders = [.. session.Connections.Select(connection => new WorkerSender(this, connection))];
    }

    internal SendSession Session { get; }

    /// <summary>The walk; set before it begins.</summary>
    internal TreeRun Run
    {
        get => _run!;
        set => _run = value;
    }

    /// <summary>Whether a single file or tree was named.</summary>
    internal bool HasOneSource { get; set; }

    internal override bool FinishesLater => true;

    internal override bool HasDestination => false;

    internal override long LargestPiece => Session.Rate?.LargestPiece ?? base.LargestPiece;

    internal override IPieceObserver? Observer => Session.Rate;

    internal override void FinishLater(TreeDirectory directory)
    {
        if (directory.Parent is null)
            Run.Finished(directory);
        else
            Run.Queue.Push(new TreeQueue.Step(directory, null, new FolderTask(this, directory)));
    }

    internal override void Idle(TreeWorker worker) => _senders[worker.Index].Connection.Flush();

    [MethodImpl(Compilation.AtOnce)]
    internal override FileTransferResult? CopyFile(TreeFile file)
    {
        _senders[file.Worker.Index].Send(file);
        return null;
    }

    internal override FileTransferResult? CopySymlink(
        TreeWorker worker, TreeLease directory, NativePath name, DestinationEntry destination, in Statx status, FileCopyOptions options)
    {
        _senders[worker.Index].SendLink(directory, name, destination.Path, status);
        return null;
    }

    internal WorkerSender SenderOf(TreeWorker worker) => _senders[worker.Index];

    /// <summary>Puts an item back to be sent once more, by whichever worker comes first.</summary>
    internal void SendAgain(TreeDirectory directory, NativePath name, NativePath destinationName)
    {
        lock (_again)
            _again.Add((directory, new(name)));
        Run.Queue.Push(new TreeQueue.Step(directory, TreeBatch.Of(directory, name, destinationName)));
    }

    /// <summary>Leaves an item for later: its connection broke before it was sent.</summary>
    internal void Postpone(TreeDirectory directory, NativePath name, NativePath destinationName)
    {
        directory.AddPending();
        SendAgain(directory, name, destinationName);
    }

    /// <summary>Expects an item's result; where the connection broke a moment ago the item is left for later.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool TryExpect(Channel channel, SentItem item)
    {
        item.Directory.AddPending();
        if (item.Connection.TryExpect(channel, item))
            return true;
        SendAgain(item.Directory, item.Name, item.Destination.Name);
        return false;
    }

    /// <summary>Whether an item was sent before, on a connection that broke.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal bool IsAgain(TreeDirectory directory, NativePath name)
    {
        // What is put back is put back before its name is in the queue again.
        if (_again.Count == 0)
            return false;
        lock (_again)
            return _again.Remove((directory, new(name)));
    }

    /// <summary>Takes an outcome from a thread that takes results, to be reported with others of the same frame.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void Report(TreeOutcome outcome)
    {
        lock (_reports)
            _reports.Add(outcome);
    }

    /// <summary>Reports what was gathered.</summary>
    [MethodImpl(Compilation.AtOnce)]
    internal void HandOver()
    {
        List<TreeOutcome> reports;
        lock (_reports)
        {
            if (_reports.Count == 0)
                return;
            reports = [.. _reports];
            _reports.Clear();
        }

        Run.Results.Add(reports);
    }

    /// <summary>What follows each piece of a payload.</summary>
    internal IReadOnlyList<IPieceObserver> Observers => Session.Rate is { } rate ? [Run.Totals, rate] : [Run.Totals];

    /// <summary>A path as the receiver is told it: relative, with single slashes.</summary>
    internal static ReadOnlySpan<byte> WirePathOf(NativePath destination) => destination.Bytes.TrimStart((byte)'/');

    public void Dispose()
    {
        foreach (WorkerSender sender in _senders)
            sender.Dispose();
    }
}
