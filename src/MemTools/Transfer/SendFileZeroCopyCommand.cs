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
    private RawSender? _raw;
    private TreeTransfer? _transfer;
    private ProgressReporter? _progress;
    private string _destination = string.Empty;

    /// <inheritdoc/>
    protected override string? UninterruptibleCall => _transfer?.UninterruptibleCall;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new ProgressReporter(this, "Sending files");
        _ = OrEnd(ConnectionString, Prepare);
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
            OrEnd(_destination, Send);
        if (!KeepOpen && _raw is not null)
            OrEnd(_destination, EndWriting);
        _progress!.Complete();
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _sender?.Dispose();
        _raw?.Dispose();
        base.Dispose(disposing);
    }

    private bool Prepare()
    {
        if (!MyInvocation.ExpectingInput && Path is null && LiteralPath.Length == 0)
            throw new ArgumentException("There is nothing to send: name files with -Path or -LiteralPath, or pipe them in.");
        if (ParameterSetName == SocketSet)
            PrepareRaw();
        else
            PrepareSender();
        return true;
    }

    private void PrepareRaw()
    {
        RefuseProtocolParameters(ProtocolParameters);
        _raw = new(this, _progress!, Socket, RawOptions(), IsGiven(nameof(IdleTimeoutSec)) ? IdleTime : null);
        _destination = _raw.Name;
    }

    private void PrepareSender()
    {
        RefuseTreeParameters();
        ConnectionString target = Target();
        // Who says that no key is wanted is not offered the one that lies about in the environment.
        using TransferKey? key = ReadKey(fromEnvironment: target.NeedsKey != false);
        _sender = new(target, key, Options()) { WantsVerbose = true };
        _destination = target.Endpoint;
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
        if (!ShouldProcess($"Item: {file} Destination: {_destination}", Recurse ? "Send Tree" : "Send File"))
            return;
        if (_raw is not null)
            _raw.Send(file);
        else
            _sources.Add(file);
    }

    private bool EndWriting()
    {
        _raw!.End();
        return true;
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
