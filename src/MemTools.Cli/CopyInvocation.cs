using MemTools.Kernel;
using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary>One run of <c>memtools copy</c>: every source in turn, and the exit code that sums it up.</summary>
internal sealed class CopyInvocation
{
    private readonly string[] _sources;
    private readonly string _destination;
    private readonly FileCopyOptions _options;
    private readonly bool _verbose;
    private readonly ResultPrinter _printer;
    private readonly ProgressLine _progress = new();

    internal CopyInvocation(string[] sources, string destination, FileCopyOptions options, OutputStyle style, bool verbose)
    {
        _sources = sources;
        _destination = destination;
        _options = options;
        _verbose = verbose;
        _printer = new ResultPrinter(style);
    }

    internal int Execute()
    {
        if (_sources.Length > 1 && !_destination.EndsWith('/') && !Directory.Exists(_destination))
        {
            StandardError.Say($"'{_destination}' is not a directory, and several files cannot be copied to one.");
            return ExitCode.Misuse;
        }

        using Interruption interruption = Interruption.Begin(keepProcess: true);
        using FileCopySession? session = Open();
        if (session is null)
            return ExitCode.Misuse;
        using CancellationTokenRegistration notice = interruption.Token.Register(() => NoticeOfWaiting(session));
        bool failed = false;
        try
        {
            foreach (string source in _sources)
                failed |= !Copy(session, source, interruption.Token);
        }
        catch (OperationCanceledException)
        {
            _progress.Clear();
            StandardError.Say("stopped.");
            if (session.LeftIncomplete is { } path)
                StandardError.Say($"'{path}' was being written in place and is incomplete.");
            return ExitCode.Signalled(interruption.Signal);
        }

        return failed || _printer.Failed ? ExitCode.SomeFailed : ExitCode.Done;
    }

    private FileCopySession? Open()
    {
        try
        {
            FileCopySession session = new(_destination, _options) { Progress = _progress.Report };
            if (_verbose)
                session.Verbose = text => Say(text);
            return session;
        }
        catch (ArgumentException e)
        {
            StandardError.Say(e.Message);
            return null;
        }
    }

    private bool Copy(FileCopySession session, string source, CancellationToken stop)
    {
        try
        {
            FileTransferResult result = session.Copy(source, stop);
            _progress.Clear();
            foreach (string warning in result.Warnings)
                Say("warning: " + CommandLineTerms.Of(warning));
            _printer.Print(result);
            return true;
        }
        catch (TransferException e)
        {
            Say(CommandLineTerms.Of(e.Message));
            _printer.Print(FailedTransfer.From(source, _destination, e));
            return false;
        }
    }

    private void Say(string text)
    {
        _progress.Clear();
        StandardError.Say(text);
    }

    private static void NoticeOfWaiting(FileCopySession session)
    {
        if (session.UninterruptibleCall is { } call)
            StandardError.Say($"stopping; waiting for {call}, which the kernel does not interrupt.");
    }
}
