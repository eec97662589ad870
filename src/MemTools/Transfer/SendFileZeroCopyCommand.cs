using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Send-FileZeroCopy: sends files and trees to a receiver, or raw bytes to a socket.</summary>
[Cmdlet(VerbsCommunications.Send, "FileZeroCopy", DefaultParameterSetName = ConnectionStringSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileTransferResult))]
public sealed partial class SendFileZeroCopyCommand : NetworkCommand
{
    // All together they cost one round trip; each alone would cost one of its own.
    private readonly List<string> _sources = [];
    private FileSender? _sender;
    private TreeTransfer? _transfer;
    private ProgressReporter? _progress;

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _transfer?.UninterruptibleCall;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new ProgressReporter(this, "Sending files");
        _sender = OrEnd(ConnectionString, Prepare);
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        ForEachOf(Path, Take);
        ForEachLiteral(LiteralPath, Take);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_sources.Count > 0)
            OrEnd(_sender!.Target.Endpoint, Send);
        _progress!.Complete();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _sender?.Dispose();
        base.Dispose(disposing);
    }

    private FileSender Prepare()
    {
        if (!MyInvocation.ExpectingInput && Path is null && LiteralPath.Length == 0)
            throw new ArgumentException("There is nothing to send: name files with -Path or -LiteralPath, or pipe them in.");
        RefuseTreeParameters();
        ConnectionString target = Target();
        // Who says that no key is wanted is not offered the one that lies about in the environment.
        using TransferKey? key = ReadKey(fromEnvironment: target.NeedsKey != false);
        return new(target, key, Options()) { WantsVerbose = true };
    }

    private ConnectionString Target() => ParameterSetName switch
    {
        ComputerNameSet => MemTools.Transfer.Network.ConnectionString.ForHost(ComputerName, Port),
        UnixSocketSet => MemTools.Transfer.Network.ConnectionString.ForUnixSocket(Paths.Literal(UnixSocket)),
        _ => MemTools.Transfer.Network.ConnectionString.Parse(ConnectionString),
    };

    private void Take(string file)
    {
        if (!Recurse && Directory.Exists(file))
            throw new TransferException(ErrorKind.IsDirectory, $"'{file}' is a directory, and only files are sent; -Recurse sends trees.");
        if (ShouldProcess($"Item: {file} Destination: {_sender!.Target.Endpoint}", Recurse ? "Send Tree" : "Send File"))
            _sources.Add(file);
    }

    private bool Send()
    {
        Interruption.WorkScope work = Interruption.BeginWork();
        try
        {
            PipelineSink sink = new(this);
            using (_transfer = _sender!.Send(_sources, work.Dispose, Interruption.Token))
            {
                foreach (TreeOutcome outcome in _transfer.Outcomes(() => _progress!.Report(_transfer.Progress)))
                    sink.Take(outcome);
            }

            return true;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            work.Dispose();
        }
    }
}
