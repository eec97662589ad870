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

        TARGET is what the receiver prints first, such as memtools://192.0.2.7:4711/?v=1&key=yes. With - for TARGET the
        bytes of the files go to standard output as they are, and - among the sources is standard input.

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
        foreach (Option option in SendOptionSet.All.Concat(RawOptionSet.ToSend).Concat(NetworkOptions.All))
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
            if (paths[^1] == NetworkOptions.Standard)
                return new RawInvocation(RawOptionSet.ForSending(parsed), NetworkOptions.IdleLimit(parsed), style, NetworkOptions.Verbose(parsed)).Send(sources);
            if (sources.Contains(NetworkOptions.Standard))
                throw new ArgumentException("Standard input has no name and no length, which a receiver wants: send it to - alone.");
            RawOptionSet.Refuse(parsed);
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
