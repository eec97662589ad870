using System.CommandLine;
using MemTools.Transfer.Jobs;

namespace MemTools.Cli;

/// <summary><c>memtools sync</c>: what Sync-FolderZeroCopy does, from any shell.</summary>
internal static class SyncCommand
{
    private static readonly Argument<string> Source = new("SOURCE") { Description = "The folder to copy from." };

    private static readonly Argument<string> Destination = new("DESTINATION")
    {
        Description = "The folder to make equal to it; created where it is missing.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print the result as one JSON object." };

    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Print errors and warnings only." };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Say on standard error what was done to each item.",
    };

    private const string Description = """
        Makes the content of one folder equal to another's: updates, removes, resumes, retries, limits, logs.

        Exit code: 0 everything was done; 1 something was not; 2 the job could not begin, and nothing was changed;
        130, 143, 129 stopped by SIGINT, SIGTERM, SIGHUP.
        """;

    internal static Command Create()
    {
        Command command = new("sync", Description)
        {
            Source, Destination, Json, Quiet, Verbose,
        };
        foreach (Option option in SyncOptions.All)
            command.Options.Add(option);
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        FolderSyncOptions options = SyncOptions.Read(parsed);
        if (options.Contradiction is { } contradiction)
        {
            StandardError.Say(CommandLineTerms.Of(contradiction));
            return ExitCode.Misuse;
        }

        OutputStyle style = parsed.GetValue(Json) ? OutputStyle.Json : parsed.GetValue(Quiet) ? OutputStyle.Quiet : OutputStyle.Table;
        SyncInvocation invocation = new(
            parsed.GetRequiredValue(Source), parsed.GetRequiredValue(Destination), options, style, parsed.GetValue(Verbose));
        return invocation.Execute();
    }
}
