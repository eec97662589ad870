using System.Diagnostics;
using MemTools.Kernel;
using MemTools.Native;
using MemTools.Transfer.Network.Wire;
using MemTools.Transfer.Trees;

namespace MemTools.Transfer.Network.Sending;

/// <summary>Sends a directory when all that is in it has arrived: what it is, and that it is, should it be empty.</summary>
internal sealed class FolderTask(SendRun run, TreeDirectory directory) : ITreeTask
{
    public void Run(TreeWorker worker)
    {
        try
        {
            run.SenderOf(worker).SendFolder(directory, this);
        }
        catch (Exception e) when (e is SystemCallException or TransferException)
        {
            worker.ReportError(directory.SourcePath(), e);
            run.Run.Finished(directory);
        }
    }

    /// <summary>Sends it once more.</summary>
    internal void Again() => run.Run.Queue.Push(new TreeQueue.Step(directory, null, this));
}

/// <summary>A directory that was sent and has no result yet.</summary>
internal sealed class SentFolder(SendRun run, SendConnection connection, uint id, TreeDirectory directory, FolderTask task)
    : Pending(id, connection)
{
    internal List<string> Warnings { get; } = [];

    internal override SendRun Run => run;

    internal override bool Done(in ResultRecord record)
    {
        NativePath source = directory.SourcePath();
        if (record.Failed)
        {
            run.Report(new()
            {
                Source = source.ToString(),
                SourceBytes = source.BytesBeyondText,
                Error = new(record.Kind, $"'{source}' was not taken by '{run.Session.Peer}': {WireText.Read(record.Text)}"),
            });
        }
        else
        {
            if (!record.Text.IsEmpty)
                Warnings.Add($"'{run.Session.Peer}': {WireText.Read(record.Text)}");
            run.Report(new() { Source = source.ToString(), Result = Result(source, record.Replacement) });
        }

        return true;
    }

    internal override void Settle() => run.Run.Finished(directory);

    internal override void Lost() => task.Again();

    private FileTransferResult Result(NativePath source, WireReplacement replacement)
    {
        NativePath destination = NativePath.From(SendRun.WirePathOf(directory.DestinationPath()));
        return TreeResults.Of(
            source,
            destination,
            "Sent",
            Statx.TypeDirectory,
            0,
            replacement.ToString(),
            directory.Started,
            warnings: Warnings.Count == 0 ? ResultList<string>.None : new(Warnings),
            peer: run.Session.Peer);
    }
}
