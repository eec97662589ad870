using System.CommandLine;
using System.CommandLine.Parsing;
using MemTools.Transfer;

namespace MemTools.Cli;

/// <summary><c>memtools copy</c>: the options of Copy-FileZeroCopy, spelt as a shell user expects.</summary>
internal static class CopyCommand
{
    private static readonly Argument<string[]> Paths = new("SOURCE... DESTINATION")
    {
        Description = "Files to copy, then the directory or file to copy them to.",
        Arity = new ArgumentArity(2, 100_000),
    };

    private static readonly Option<CopyMethod> Method = new("--method", "-m")
    {
        Description = "How the bytes move. A method named here is used or refused, never replaced by another.",
    };

    private static readonly Option<long> Offset = new("--offset")
    {
        Description = "First byte to copy.",
        HelpName = "BYTES",
    };

    private static readonly Option<long?> Length = new("--length")
    {
        Description = "Most bytes to copy.",
        HelpName = "BYTES",
    };

    private static readonly Option<bool> Force = new("--force", "-f")
    {
        Description = "Replace read-only destinations and create missing directories.",
    };

    private static readonly Option<bool> NoClobber = new("--no-clobber", "-n")
    {
        Description = "Leave existing destinations alone; each is an error.",
    };

    private static readonly Option<bool> InPlace = new("--in-place")
    {
        Description = "Write into existing destinations instead of replacing them.",
    };

    private static readonly Option<bool> RequireAtomic = new("--require-atomic")
    {
        Description = "Fail where a destination could only be written in place.",
    };

    private static readonly Option<PreserveItems> Preserve = NewPreserve();

    private static readonly Option<SparseMode> Sparse = new("--sparse")
    {
        Description = "What becomes of holes: kept, also made of zeros, or filled.",
    };

    private static readonly Option<VerifyMode> Verify = new("--verify")
    {
        Description = "Check the destination before it takes its place.",
    };

    private static readonly Option<bool> Flush = new("--flush")
    {
        Description = "Wait until each copy is on the disk.",
    };

    private static readonly Option<CachePolicy> Cache = new("--cache-policy")
    {
        Description = "What stays in the page cache.",
    };

    private static readonly Option<bool> RequireStable = new("--require-stable")
    {
        Description = "Fail where a source is modified while it is copied.",
    };

    private static readonly Option<bool> Json = new("--json")
    {
        Description = "Print one JSON object a line for each file, failed ones too.",
    };

    private static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Print errors and warnings only.",
    };

    private static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Say on standard error which methods were passed over, and why.",
    };

    internal static Command Create()
    {
        Command command = new("copy", "Copies files; each destination is replaced in one step, or stays as it was.")
        {
            Paths, Method, Offset, Length, Force, NoClobber, InPlace, RequireAtomic, Preserve, Sparse, Verify, Flush,
            Cache, RequireStable, Json, Quiet, Verbose,
        };
        command.SetAction(Run);
        return command;
    }

    /// <summary>The option that names several items at once.</summary>
    internal static Option<PreserveItems> NewPreserve()
    {
        Option<PreserveItems> option = new("--preserve", "-p")
        {
            Description = "What besides the bytes comes from the source, separated by commas.",
            DefaultValueFactory = _ => PreserveItems.Mode | PreserveItems.Timestamps,
            CustomParser = ParsePreserve,
            HelpName = string.Join('|', Enum.GetNames<PreserveItems>()),
        };
        option.CompletionSources.Add(Enum.GetNames<PreserveItems>());
        return option;
    }

    private static int Run(ParseResult parsed)
    {
        FileCopyOptions options = ReadOptions(parsed);
        if (options.Contradiction is { } contradiction)
        {
            StandardError.Say(InCommandLineTerms(contradiction));
            return ExitCode.Misuse;
        }

        string[] paths = parsed.GetRequiredValue(Paths);
        OutputStyle style = parsed.GetValue(Json) ? OutputStyle.Json : parsed.GetValue(Quiet) ? OutputStyle.Quiet : OutputStyle.Table;
        CopyInvocation invocation = new(paths[..^1], paths[^1], options, style, parsed.GetValue(Verbose));
        return invocation.Execute();
    }

    private static FileCopyOptions ReadOptions(ParseResult result) => new()
    {
        Method = result.GetValue(Method),
        Offset = result.GetValue(Offset),
        Length = result.GetValue(Length),
        Force = result.GetValue(Force),
        NoClobber = result.GetValue(NoClobber),
        InPlace = result.GetValue(InPlace),
        RequireAtomic = result.GetValue(RequireAtomic),
        Preserve = result.GetValue(Preserve),
        Sparse = result.GetValue(Sparse),
        Verify = result.GetValue(Verify),
        Flush = result.GetValue(Flush),
        CachePolicy = result.GetValue(Cache),
        RequireStable = result.GetValue(RequireStable),
    };

    private static PreserveItems ParsePreserve(ArgumentResult result)
    {
        PreserveItems items = PreserveItems.None;
        foreach (string name in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (Enum.TryParse(name, ignoreCase: true, out PreserveItems item) && !char.IsAsciiDigit(name[0]))
                items |= item;
            else
                result.AddError($"'{name}' cannot be preserved. Choose from {string.Join(", ", Enum.GetNames<PreserveItems>())}.");
        }

        return items;
    }

    /// <summary>The core names options as PowerShell does: -InPlace is --in-place here.</summary>
    private static string InCommandLineTerms(string message) => message
        .Replace("-InPlace", "--in-place", StringComparison.Ordinal)
        .Replace("-RequireAtomic", "--require-atomic", StringComparison.Ordinal)
        .Replace("-NoClobber", "--no-clobber", StringComparison.Ordinal)
        .Replace("-Offset", "--offset", StringComparison.Ordinal)
        .Replace("-Length", "--length", StringComparison.Ordinal)
        .Replace("-Sparse", "--sparse", StringComparison.Ordinal)
        .Replace("-Method", "--method", StringComparison.Ordinal);
}
