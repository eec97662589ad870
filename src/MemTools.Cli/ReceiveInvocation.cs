using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools receive</c>: from the connection string on standard error to the exit code.</summary>
internal sealed class ReceiveInvocation(FileReceiver receiver, string destination, OutputStyle style, bool verbose)
{
    private readonly OutcomePrinter _printer = new(destination, style, verbose);

    internal int Execute()
    {
        using Interruption interruption = Interruption.Begin(keepProcess: true);
        string place = receiver.ConnectionString!.ToString();
        StandardError.Write(place + "\n");
        ServiceManager.Notify($"READY=1\nSTATUS=Listening at {place}");
        int code = Receive(interruption);
        receiver.Dispose();
        _printer.Progress.Clear();
        if (!interruption.Token.IsCancellationRequested)
            return code;
        _printer.Say("stopped.", LogPriority.Information);
        return ExitCode.Signalled(interruption.Signal);
    }

    private int Receive(Interruption interruption)
    {
        using CancellationTokenRegistration stop = interruption.Token.Register(Stop);
        try
        {
            foreach (TreeOutcome outcome in receiver.Outcomes(() => _printer.Progress.Report(receiver.Progress)))
                _printer.Tell(outcome);
        }
        catch (TransferException e) when (e.Kind == ErrorKind.TimedOut && receiver.Options.Listener is not null)
        {
            // systemd listens on, and starts the service again for the next sender.
            _printer.Say("ending: nobody sent anything for a while.", LogPriority.Information);
        }
        catch (TransferException e)
        {
            _printer.Fail(string.Empty, e);
        }
        catch (OperationCanceledException)
        {
            // The caller says so, and knows by which signal.
        }

        return _printer.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private void Stop()
    {
        ServiceManager.Notify("STOPPING=1");
        receiver.Stop();
    }
}
