using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Network.Moving;
using Microsoft.Win32.SafeHandles;

namespace MemTools.Cli;

/// <summary>
/// <c>memtools send</c> to standard output, and <c>memtools receive</c> from standard input: bytes as they are, and results on
/// standard error where standard output has bytes.
/// </summary>
internal sealed class RawInvocation(RawOptions options, TimeSpan? idleLimit, OutputStyle style, bool verbose)
{
    private const int StandardInput = 0;
    private const int StandardOutput = 1;

    private readonly ProgressLine _progress = new();

    /// <summary>Sends files, or standard input where one is called <c>-</c>, to standard output.</summary>
    internal int Send(string[] sources) => Guarded(stop =>
    {
        using StreamEnd output = Standard(StandardOutput, "standard output");
        using RawSend send = new(options) { Progress = _progress.Report, Verbose = Verbose };
        foreach (string source in sources)
            Tell(Send(send, source, output, stop), Console.Error);
        output.EndWriting();
    });

    /// <summary>Receives standard input into a file, or passes it on to standard output where that is called <c>-</c>.</summary>
    internal int Receive(string destination) => Guarded(stop =>
    {
        using StreamEnd input = Standard(StandardInput, "standard input");
        RawReceive receive = new(options) { Progress = _progress.Report, Verbose = Verbose };
        if (destination != NetworkOptions.Standard)
        {
            Tell(receive.Receive(input, destination, stop), Console.Out);
            return;
        }

        using StreamEnd output = Standard(StandardOutput, "standard output");
        Tell(receive.Receive(input, output, stop), Console.Error);
        output.EndWriting();
    });

    private static FileTransferResult Send(RawSend send, string source, StreamEnd output, CancellationToken stop)
    {
        if (source != NetworkOptions.Standard)
            return send.Send(source, output, stop);
        using StreamEnd input = StreamEnd.Of(new SafeFileHandle(StandardInput, ownsHandle: false), "standard input");
        return send.Send(input, output, stop);
    }

    private int Guarded(Action<CancellationToken> work)
    {
        using Interruption interruption = Interruption.Begin(keepProcess: true);
        try
        {
            work(interruption.Token);
            return ExitCode.Done;
        }
        catch (OperationCanceledException)
        {
            Say("stopped.", LogPriority.Warning);
            return ExitCode.Signalled(interruption.Signal);
        }
        catch (TransferException e)
        {
            Say(CommandLineTerms.Of(e.Message), LogPriority.Error);
            return ExitCode.SomeFailed;
        }
    }

    private StreamEnd Standard(int number, string name) => StreamEnd.Of(new SafeFileHandle(number, ownsHandle: false), name, idleLimit);

    private void Tell(FileTransferResult result, TextWriter output)
    {
        _progress.Clear();
        foreach (string warning in result.Warnings)
            Say("warning: " + warning, LogPriority.Warning);
        new ResultPrinter(style, output).Print(result);
    }

    private void Verbose(string text)
    {
        if (verbose)
            Say(text, LogPriority.Information);
    }

    private void Say(string text, LogPriority priority)
    {
        _progress.Clear();
        StandardError.Say(text, priority);
    }
}
