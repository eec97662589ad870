using System.CommandLine;
using System.CommandLine.Parsing;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary><c>memtools copy</c>: the options of Copy-FileZeroCopy, spelt as a shell user expects.</summary>
internal static class CopyCommand
{
    private static readonly Argument<string[]> Paths = new("SOURCE... DESTINATION")
    {
        Description = "Files to copy, with --recursive directories too, then the directory or file to copy them to.",
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

    private static readonly Option<bool> Recursive = new("--recursive", "-r")
    {
        Description = "Copy directories with all that is in them.",
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
            Cache, RequireStable, Recursive, Json, Quiet, Verbose,
        };
        foreach (Option option in TreeOptions.All)
            command.Options.Add(option);
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
        TreeCopyOptions? tree = parsed.GetValue(Recursive) ? TreeOptions.Read(parsed, options) : null;
        string? misuse = tree is null ? options.Contradiction ?? TreeOptionAlone(parsed) : tree.Contradiction;
        if (misuse is not null)
        {
            StandardError.Say(CommandLineTerms.Of(misuse));
            return ExitCode.Misuse;
        }

        string[] paths = parsed.GetRequiredValue(Paths);
        OutputStyle style = parsed.GetValue(Json) ? OutputStyle.Json : parsed.GetValue(Quiet) ? OutputStyle.Quiet : OutputStyle.Table;
        bool verbose = parsed.GetValue(Verbose);
        return tree is null
            ? new CopyInvocation(paths[..^1], paths[^1], options, style, verbose).Execute()
            : new TreeInvocation(paths[..^1], paths[^1], tree, style, verbose).Execute();
    }

    private static string? TreeOptionAlone(ParseResult parsed) =>
        TreeOptions.All.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false }) is { } given
            ? $"{given.Name} is for trees: use it with {Recursive.Name}."
            : null;

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
}
