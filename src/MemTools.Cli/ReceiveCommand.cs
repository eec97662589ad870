using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Net.Sockets;
using MemTools.Kernel;
using MemTools.Transfer.Network;

namespace MemTools.Cli;

/// <summary><c>memtools receive</c>: what Receive-FileZeroCopy does, from any shell and as a service.</summary>
internal static class ReceiveCommand
{
    private const string Description = """
        Receives files and trees from other hosts into a directory, until it is stopped or has what it was to wait for.

        The first line on standard error is the connection string that senders take. Without a key only this host can
        send. As a service of systemd it listens at the socket that it was started for.

        Exit code: 0 done; 1 something was not received, or nobody came in time; 2 it could not begin; 130, 143, 129
        stopped by SIGINT, SIGTERM, SIGHUP.
        """;

    private static readonly Argument<string[]> Paths = new("DIRECTORY | - FILE")
    {
        Description = "The directory that gets the files; or -, and the file that gets the bytes of standard input as they are.",
        Arity = new ArgumentArity(1, 2),
    };

    private static readonly Option<IPAddress> Address = new("--address", "-a")
    {
        Description = "The address to listen on; 0.0.0.0 and :: are all of this host's. Anything but loopback takes a key.",
        HelpName = "ADDRESS",
        DefaultValueFactory = _ => IPAddress.Loopback,
        CustomParser = ParseAddress,
    };

    private static readonly Option<int> Port = new("--port", "-p") { Description = "The TCP port; one that is free where it is not given.", HelpName = "PORT" };

    private static readonly Option<string?> UnixSocket = new("--unix-socket", "-u") { Description = "Listen on a Unix socket instead.", HelpName = "PATH" };

    private static readonly Option<long?> MaximumSize = new("--maximum-size") { Description = "The largest file that is taken.", HelpName = "BYTES" };

    private static readonly Option<long?> MaximumSessionSize = new("--maximum-session-size")
    {
        Description = "The most that one sender may bring.",
        HelpName = "BYTES",
    };

    private static readonly Option<long> MaximumItemCount = new("--maximum-item-count")
    {
        Description = "The most files, folders and links that one sender may bring.",
        HelpName = "N",
        DefaultValueFactory = _ => new ReceiveOptions().MaximumEntries,
    };

    private static readonly Option<int> MaximumConnectionCount = new("--maximum-connection-count")
    {
        Description = "The most connections at once.",
        HelpName = "N",
        DefaultValueFactory = _ => new ReceiveOptions().MaximumConnections,
    };

    private static readonly Option<int> Count = new("--count", "-n") { Description = "End after so many senders.", HelpName = "N" };

    private static readonly Option<double?> Timeout = new("--timeout-sec")
    {
        Description = "End where nobody was connected for so long: with exit code 1, or 0 when systemd listens on.",
        HelpName = "SECONDS",
    };

    private static readonly Option<bool> NoClobber = new("--no-clobber") { Description = "Leave files that exist alone; their senders are told." };

    private static readonly Option<bool> Flush = new("--flush") { Description = "Wait until each file is on the disk." };

    private static readonly Option<bool> RequireDigest = new("--require-digest") { Description = "Refuse content without a SHA-256, which could be changed on the way." };

    private static IEnumerable<Option> ForProtocol =>
    [
        Address, Port, UnixSocket, MaximumSize, MaximumSessionSize, MaximumItemCount, MaximumConnectionCount, Count, Timeout, NoClobber, Flush,
        RequireDigest,
    ];

    internal static Command Create()
    {
        Command command = new("receive", Description) { Paths };
        foreach (Option option in ForProtocol.Concat(RawOptionSet.ToReceive).Concat(NetworkOptions.All))
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        string[] paths = parsed.GetRequiredValue(Paths);
        try
        {
            OutputStyle style = NetworkOptions.Style(parsed, ServiceManager.LogsToJournal);
            if (paths.Length > 1)
                return ReceiveRaw(parsed, paths, style);
            RawOptionSet.Refuse(parsed);
            ReceiveOptions options = Read(parsed);
            using TransferKey? key = NetworkOptions.Key(parsed, fromEnvironment: true);
            using FileReceiver receiver = new(paths[0], key, options);
            receiver.Start();
            return new ReceiveInvocation(receiver, paths[0], style, NetworkOptions.Verbose(parsed)).Execute();
        }
        catch (Exception e) when (e is IHasErrorKind or ArgumentException)
        {
            StandardError.Say(CommandLineTerms.Of(e.Message));
            return ExitCode.Misuse;
        }
    }

    private static int ReceiveRaw(ParseResult parsed, string[] paths, OutputStyle style)
    {
        if (paths[0] != NetworkOptions.Standard)
            throw new ArgumentException("Files are received into one directory; two arguments are - and the file that gets standard input.");
        if (NetworkOptions.FirstGiven(parsed, ForProtocol.Except([NoClobber, Flush]).Concat(NetworkOptions.ForProtocol)) is { } option)
            throw new ArgumentException($"{option.Name} belongs to the protocol of MemTools, and standard input is raw bytes without one.");
        RawOptions options = RawOptionSet.ForReceiving(parsed) with { NoClobber = parsed.GetValue(NoClobber), Flush = parsed.GetValue(Flush) };
        return new RawInvocation(options, NetworkOptions.IdleLimit(parsed), style, NetworkOptions.Verbose(parsed)).Receive(paths[1]);
    }

    private static ReceiveOptions Read(ParseResult parsed) => new()
    {
        Address = parsed.GetRequiredValue(Address),
        Port = parsed.GetValue(Port),
        UnixSocket = parsed.GetValue(UnixSocket),
        Listener = NetworkOptions.FirstGiven(parsed, [Address, Port, UnixSocket]) is null ? ServiceManager.TakeListener() : null,
        MaximumSize = parsed.GetValue(MaximumSize),
        MaximumSessionSize = parsed.GetValue(MaximumSessionSize),
        MaximumEntries = parsed.GetValue(MaximumItemCount),
        MaximumConnections = parsed.GetValue(MaximumConnectionCount),
        NoClobber = parsed.GetValue(NoClobber),
        Flush = parsed.GetValue(Flush),
        RequireDigest = parsed.GetValue(RequireDigest),
        IdleTime = NetworkOptions.IdleTime(parsed),
        SessionCount = parsed.GetValue(Count),
        WaitTime = parsed.GetValue(Timeout) is { } seconds ? NetworkOptions.Seconds(seconds) : null,
    };

    private static IPAddress? ParseAddress(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!IPAddress.TryParse(text, out IPAddress? address))
            result.AddError($"'{text}' is no address of this host: 127.0.0.1, ::1, 0.0.0.0 and :: are addresses.");
        return address;
    }
}
