using System.CommandLine;
using MemTools.Kernel;
using MemTools.Transfer.Network;

namespace MemTools.Cli;

/// <summary>What <c>memtools send</c> and <c>memtools receive</c> share: the key, time limits, what is printed.</summary>
internal static class NetworkOptions
{
    /// <summary>The argument that stands for standard input or output.</summary>
    internal const string Standard = "-";

    private static readonly Option<string?> KeyPath = new("--key-path", "-k")
    {
        Description = "The file with the key, which nobody else may read. Without it the key is MEMTOOLS_KEY, if that is set.",
        HelpName = "FILE",
    };

    private static readonly Option<double> IdleTimeout = new("--idle-timeout-sec")
    {
        Description = "How long the other end may be silent.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 60,
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Print one JSON object a line for each item, failed ones too." };

    private static readonly Option<bool> Quiet = new("--quiet", "-q") { Description = "Print errors and warnings only." };

    private static readonly Option<bool> VerboseOption = new("--verbose", "-v") { Description = "Say on standard error what happens meanwhile." };

    internal static IEnumerable<Option> All => [KeyPath, IdleTimeout, Json, Quiet, VerboseOption];

    /// <summary>Those that raw bytes cannot have.</summary>
    internal static IEnumerable<Option> ForProtocol => [KeyPath];

    internal static OutputStyle Style(ParseResult parsed, bool logs) =>
        parsed.GetValue(Json) ? OutputStyle.Json
        : parsed.GetValue(Quiet) ? OutputStyle.Quiet
        : logs ? OutputStyle.Log
        : OutputStyle.Table;

    internal static bool Verbose(ParseResult parsed) => parsed.GetValue(VerboseOption);

    internal static TimeSpan IdleTime(ParseResult parsed) => Seconds(parsed.GetValue(IdleTimeout));

    /// <summary>The same for raw bytes, which may wait for ever where nobody says otherwise.</summary>
    internal static TimeSpan? IdleLimit(ParseResult parsed) =>
        FirstGiven(parsed, [IdleTimeout]) is null ? null : IdleTime(parsed);

    /// <summary>The key of the file or of the environment, or null.</summary>
    /// <exception cref="MemToolsException">It cannot be used.</exception>
    /// <exception cref="SystemCallException">The file cannot be read.</exception>
    internal static TransferKey? Key(ParseResult parsed, bool fromEnvironment) =>
        parsed.GetValue(KeyPath) is { } path ? TransferKey.FromFile(path)
        : fromEnvironment ? TransferKey.FromEnvironment()
        : null;

    internal static TimeSpan Seconds(double seconds) =>
        TimeSpan.FromSeconds(Math.Clamp(double.IsNaN(seconds) ? -1 : seconds, -1, int.MaxValue));

    /// <summary>The first of some options that was given, or null.</summary>
    internal static Option? FirstGiven(ParseResult parsed, IEnumerable<Option> options) =>
        options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false });
}
