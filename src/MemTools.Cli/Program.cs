using System.CommandLine;
using System.Text.RegularExpressions;
using MemTools.Cli;

// Started again by itself, to do in a process of its own what would upset this one.
if (MemTools.WorkerTasks.TryRun())
    return ExitCode.Done;

RootCommand root = new("Copies files inside the kernel and says what the kernel did.")
{
    CopyCommand.Create(),
    SyncCommand.Create(),
    SendCommand.Create(),
    ReceiveCommand.Create(),
    CompareCommand.Create(),
    CompletionsCommand.Create(),
};

ParseResult parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
{
    foreach (System.CommandLine.Parsing.ParseError error in parsed.Errors)
        StandardError.Say(WithoutTypes().Replace(error.Message, string.Empty));
    StandardError.Write($"Try 'memtools {parsed.CommandResult.Command.Name} --help'.\n".Replace(" memtools ", " ", StringComparison.Ordinal));
    return ExitCode.Misuse;
}

// The command listens to the signals itself: its clean-up decides when the process ends, and with which code.
return parsed.Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });

/// <summary>The entry point.</summary>
internal static partial class Program
{
    /// <summary>The part of a parser's message that names .NET types, which mean nothing to a shell's user.</summary>
    [GeneratedRegex(@" as expected type '[^']*'")]
    private static partial Regex WithoutTypes();
}
