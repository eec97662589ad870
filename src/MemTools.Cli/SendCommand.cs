using System.CommandLine;
using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Network;

namespace MemTools.Cli;

/// <summary><c>memtools send</c>: what Send-FileZeroCopy does, from any shell.</summary>
internal static class SendCommand
{
    private const string Description = """
        Sends files and trees to another host, where `memtools receive` or Receive-FileZeroCopy listens.

        TARGET is what the receiver prints first, such as memtools://192.0.2.7:4711/?v=1&key=yes, or - for standard output:
        then the bytes of the files go there as they are.

        Exit code: 0 everything was sent; 1 something was not; 2 nothing could begin; 130, 143, 129 stopped by SIGINT,
        SIGTERM, SIGHUP.
        """;

    private static readonly Argument<string[]> Paths = new("SOURCE... TARGET")
    {
        Description = "Files to send, with --recursive directories too, then where to send them.",
        Arity = new ArgumentArity(2, 100_000),
    };

    internal static Command Create()
    {
        Command command = new("send", Description) { Paths };
        foreach (Option option in SendOptionSet.All.Concat(NetworkOptions.All))
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string[] paths = parsed.GetRequiredValue(Paths);
        string[] sources = paths[..^1];
        OutputStyle style = NetworkOptions.Style(parsed, logs: false);
        try
        {
            ConnectionString target = ConnectionString.Parse(paths[^1]);
            using TransferKey? key = NetworkOptions.Key(parsed, fromEnvironment: target.NeedsKey != false);
            bool verbose = NetworkOptions.Verbose(parsed);
            using FileSender sender = new(target, key, SendOptionSet.Read(parsed)) { WantsVerbose = verbose };
            return new SendInvocation(sender, sources, SendOptionSet.IsRecursive(parsed), style, verbose).Execute();
        }
        catch (Exception e) when (e is IHasErrorKind or ArgumentException)
        {
            StandardError.Say(CommandLineTerms.Of(e.Message));
            return ExitCode.Misuse;
        }
    }
}
