using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;
using MemTools.Transfer.Trees;

namespace MemTools.Commands;

/// <summary>Receive-FileZeroCopy: receives files and trees from other hosts, or raw bytes from a socket.</summary>
[Cmdlet(VerbsCommunications.Receive, "FileZeroCopy", DefaultParameterSetName = ListenSet, SupportsShouldProcess = true)]
[OutputType(typeof(FileTransferResult), typeof(FileReceiveJob))]
public sealed partial class ReceiveFileZeroCopyCommand : NetworkCommand
{
    private ProgressReporter? _progress;

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _progress = new ProgressReporter(this, "Receiving files");
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (ParameterSetName == SocketSet)
            OrEnd(Path, () => ReceiveRaw(Paths.Literal(Path)));
        else
            Listen(OnePath(Destination));
        _progress!.Complete();
    }

    private void Listen(string destination)
    {
        if (!ShouldProcess($"Destination: {destination} Address: {UnixSocket ?? $"{Address}:{Port}"}", "Receive Files"))
            return;
        FileReceiver receiver = OrEnd(destination, () => StartReceiver(destination));
        if (AsJob)
        {
            FileReceiveJob job = new(MyInvocation.Line.Trim(), receiver, JobRepository);
            JobRepository.Add(job);
            job.Start();
            WriteObject(job);
            return;
        }

        using (receiver)
        using (Interruption.BeginWork())
            HandOn(receiver);
    }

    private FileReceiver StartReceiver(string destination)
    {
        using TransferKey? key = ReadKey(fromEnvironment: true);
        FileReceiver receiver = new(destination, key, Options());
        try
        {
            receiver.Start();
            return receiver;
        }
        catch
        {
            receiver.Dispose();
            throw;
        }
    }

    private void HandOn(FileReceiver receiver)
    {
        // As Write-Host does it: shown at a prompt, and yet data for -InformationVariable and 6>.
        string announcement = receiver.ConnectionString!.ToString();
        WriteInformation(new HostInformationMessage { Message = announcement }, ["PSHOST", "ConnectionString"]);
        PipelineSink sink = new(this);
        using CancellationTokenRegistration stop = Interruption.Token.Register(receiver.Stop);
        try
        {
            foreach (TreeOutcome outcome in receiver.Outcomes(() => _progress!.Report(receiver.Progress)))
                sink.Take(outcome);
        }
        catch (TransferException e)
        {
            ThrowTerminatingError(ErrorRecords.From(e, announcement));
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        if (Interruption.Token.IsCancellationRequested)
            throw new PipelineStoppedException();
    }

    private bool ReceiveRaw(string path)
    {
        RefuseProtocolParameters();
        using StreamEnd stream = StreamEnds.Of(Socket, IsGiven(nameof(IdleTimeoutSec)) ? IdleTime : null);
        if (!ShouldProcess($"Source: {stream.Name} Destination: {path}", "Receive File"))
            return false;
        RawReceive receive = new(RawOptions()) { Progress = _progress!.Report, Verbose = WriteVerbose };
        try
        {
            FileTransferResult result = Work(() => receive.Receive(stream, path, Interruption.Token));
            foreach (string warning in result.Warnings)
                WriteWarning(warning);
            WriteObject(result);
            return true;
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
