using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;

namespace MemTools.Commands;

/// <summary>Sends files for a cmdlet into a stream that the caller has, as raw bytes.</summary>
internal sealed class RawSender : IDisposable
{
    private readonly InterruptibleCommand _cmdlet;
    private readonly ProgressReporter _progress;
    private readonly StreamEnd _stream;
    private readonly RawSend _send;

    internal RawSender(InterruptibleCommand cmdlet, ProgressReporter progress, object socket, RawOptions options, TimeSpan? idleLimit)
    {
        _cmdlet = cmdlet;
        _progress = progress;
        _send = new(options) { Progress = progress.Report, Verbose = cmdlet.WriteVerbose };
        _stream = StreamEnds.Of(socket, idleLimit);
    }

    internal string Name => _stream.Name;

    /// <summary>Sends one file. What has left cannot be taken back, so that a failure ends the command.</summary>
    internal void Send(string file)
    {
        try
        {
            FileTransferResult result = _send.Send(file, _stream, _cmdlet.Interruption.Token);
            foreach (string warning in result.Warnings)
                _cmdlet.WriteWarning(warning);
            _cmdlet.WriteObject(result);
            _progress.Finished(result);
        }
        catch (TransferException e)
        {
            _cmdlet.ThrowTerminatingError(ErrorRecords.From(e, file));
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    /// <summary>Tells the peer that this was all.</summary>
    internal void End() => _stream.EndWriting();

    public void Dispose()
    {
        _send.Dispose();
        _stream.Dispose();
    }
}
