using System.CommandLine;
using System.CommandLine.Parsing;
using MemTools.Experiments.CopyMethods;

namespace MemTools.Cli;

/// <summary><c>memtools compare</c>: the options of Compare-ZeroCopyMethod, spelt as a shell user expects.</summary>
internal static class CompareCommand
{
    private static readonly Argument<string[]> Paths = new("FILE")
    {
        Description = "Files to move; each is a comparison of its own, and is only read.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string?> Destination = new("--destination", "-d")
    {
        Description = "Copy to a scratch file in this directory, or beside this file.",
        HelpName = "PATH",
    };

    private static readonly Option<bool> ToSocket = new("--to-socket")
    {
        Description = "Send over TCP on the loopback interface. This is done where nothing else is said.",
    };

    private static readonly Option<bool> ToNull = new("--to-null")
    {
        Description = "Copy to /dev/null.",
    };

    private static readonly Option<ComparedMethod[]> Method = new("--method", "-m")
    {
        Description = "The methods to compare, separated by commas; all where none is named.",
        DefaultValueFactory = _ => Enum.GetValues<ComparedMethod>(),
        CustomParser = ParseMethods,
        HelpName = string.Join('|', Enum.GetNames<ComparedMethod>()),
    };

    private static readonly Option<SourceCache> Cache = new("--cache")
    {
        Description = "Whether the file's pages are in the page cache before each run, or dropped from it.",
    };

    private static readonly Option<int> Count = new("--count", "-n")
    {
        Description = "How often each method runs.",
        DefaultValueFactory = _ => new CopyComparisonOptions().Count,
        HelpName = "N",
    };

    private static readonly Option<string> Interface = new("--interface")
    {
        Description = "The network interface whose scatter-gather the textbook's figures assume.",
        DefaultValueFactory = _ => new CopyComparisonOptions().Interface,
        HelpName = "NAME",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object a line for each method.",
    };

    internal static Command Create()
    {
        Method.CompletionSources.Add(Enum.GetNames<ComparedMethod>());
        Command command = new("compare", "Measures what each copy method costs here, beside what textbooks say of it.")
        {
            Paths, Destination, ToSocket, ToNull, Method, Cache, Count, Interface, Json,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        if (Contradiction(parsed) is { } contradiction)
        {
            StandardError.Say(contradiction);
            return ExitCode.Misuse;
        }

        CopyComparisonOptions options = new()
        {
            Methods = parsed.GetRequiredValue(Method),
            Target = TargetOf(parsed),
            Destination = parsed.GetValue(Destination),
            Cache = parsed.GetValue(Cache),
            Count = parsed.GetValue(Count),
            Interface = parsed.GetRequiredValue(Interface),
        };
        OutputStyle style = parsed.GetValue(Json) ? OutputStyle.Json : OutputStyle.Table;
        return new CompareInvocation(parsed.GetRequiredValue(Paths), options, style).Execute();
    }

    private static ComparedMethod[] ParseMethods(ArgumentResult result)
    {
        List<ComparedMethod> methods = [];
        foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (Enum.TryParse(name, ignoreCase: true, out ComparedMethod method) && !char.IsAsciiDigit(name[0]))
                methods.Add(method);
            else
                result.AddError($"'{name}' is no method that can be compared. Choose from {string.Join(", ", Enum.GetNames<ComparedMethod>())}.");
        }

        return [.. methods];
    }

    private static ComparisonTarget TargetOf(ParseResult parsed) =>
        parsed.GetValue(Destination) is not null ? ComparisonTarget.File
        : parsed.GetValue(ToNull) ? ComparisonTarget.Null
        : ComparisonTarget.Socket;

    private static string? Contradiction(ParseResult parsed)
    {
        int targets = (parsed.GetValue(Destination) is null ? 0 : 1) + (parsed.GetValue(ToSocket) ? 1 : 0) + (parsed.GetValue(ToNull) ? 1 : 0);
        if (targets > 1)
            return "--destination, --to-socket and --to-null exclude each other.";
        if (parsed.GetValue(Count) < 1)
            return "--count takes a number of 1 or more.";
        return TargetOf(parsed) != ComparisonTarget.Socket && parsed.GetResult(Interface) is { Implicit: false }
            ? "--interface is for --to-socket: only a socket sends over a network interface."
            : null;
    }
}
