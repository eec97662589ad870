using System.CommandLine;
using MemTools.Transfer;
using MemTools.Transfer.Network;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>The options of <c>memtools send</c>, and what they say together.</summary>
internal static class SendOptionSet
{
    private static readonly Option<CopyMethod> Method = Choice(
        new Option<CopyMethod>("--method", "-m") { Description = "How the bytes get into the socket." },
        CopyMethod.Auto, CopyMethod.Sendfile, CopyMethod.Splice, CopyMethod.Mmap, CopyMethod.ReadWrite);

    private static readonly Option<bool> Recursive = new("--recursive", "-r") { Description = "Send directories with all that is in them." };

    private static readonly Option<VerifyMode> Verify = Choice(
        new Option<VerifyMode>("--verify")
        {
            Description = "How what arrives is checked: both ends compute SHA-256, or not at all, so that nobody finds out what was changed on the way.",
            DefaultValueFactory = _ => VerifyMode.Sha256,
        },
        VerifyMode.Sha256, VerifyMode.None);

    private static readonly Option<int> ConnectionCount = new("--connection-count")
    {
        Description = "How many connections; a large file travels on all of them.",
        HelpName = "N",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<long?> BandwidthLimit = new("--bandwidth-limit")
    {
        Description = "The most bytes a second, over all connections.",
        HelpName = "BYTES",
    };

    private static readonly Option<PreserveItems> Preserve = Choice(
        CopyCommand.NewPreserve(), PreserveItems.None, PreserveItems.Mode, PreserveItems.Timestamps, PreserveItems.Xattr);

    private static readonly Option<bool> RequireStable = new("--require-stable") { Description = "Fail where a file is modified while it is sent." };

    private static readonly Option<int> MaximumRetryCount = new("--maximum-retry-count")
    {
        Description = "How often a broken connection is made again without any progress in between.",
        HelpName = "N",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<double> RetryInterval = new("--retry-interval-sec")
    {
        Description = "How long to wait before that; the time doubles, up to 30 seconds.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<double> ConnectTimeout = new("--connect-timeout-sec")
    {
        Description = "How long to try to reach the receiver.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 10,
    };

    /// <summary>What says how trees are walked; the rest of <see cref="TreeOptions"/> is for copies alone.</summary>
    private static IEnumerable<Option> ForTrees =>
        TreeOptions.All.Where(option => option.Name is not ("--special-file" or "--throttle-limit" or "--dry-run"));

    internal static IEnumerable<Option> All =>
    [
        Method, Recursive, Verify, ConnectionCount, BandwidthLimit, Preserve, RequireStable, MaximumRetryCount, RetryInterval, ConnectTimeout,
        .. ForTrees,
    ];

    /// <summary>Those that raw bytes cannot have.</summary>
    internal static IEnumerable<Option> ForProtocol => All.Except([Method, BandwidthLimit]);

    internal static CopyMethod MethodOf(ParseResult parsed) => parsed.GetValue(Method);

    internal static long? BandwidthLimitOf(ParseResult parsed) => parsed.GetValue(BandwidthLimit);

    internal static bool IsRecursive(ParseResult parsed) => parsed.GetValue(Recursive);

    /// <exception cref="ArgumentException">An option needs another.</exception>
    internal static SendOptions Read(ParseResult parsed)
    {
        if (!IsRecursive(parsed) && NetworkOptions.FirstGiven(parsed, ForTrees) is { } given)
            throw new ArgumentException($"{given.Name} is for trees: use it with {Recursive.Name}.");
        TreeCopyOptions tree = TreeOptions.Read(parsed, new());
        return new()
        {
            Method = parsed.GetValue(Method),
            Verify = parsed.GetValue(Verify),
            ConnectionCount = parsed.GetValue(ConnectionCount),
            BandwidthLimit = parsed.GetValue(BandwidthLimit),
            Preserve = parsed.GetValue(Preserve),
            RequireStable = parsed.GetValue(RequireStable),
            MaximumRetryCount = parsed.GetValue(MaximumRetryCount),
            RetryInterval = NetworkOptions.Seconds(parsed.GetValue(RetryInterval)),
            ConnectTime = NetworkOptions.Seconds(parsed.GetValue(ConnectTimeout)),
            IdleTime = NetworkOptions.IdleTime(parsed),
            // A link that is named alone stands for its file; one of a tree is sent as a link.
            Symlink = IsRecursive(parsed) ? tree.Symlink : SymlinkMode.Follow,
            OneFileSystem = tree.OneFileSystem,
            Include = tree.Include,
            Exclude = tree.Exclude,
            MinimumSize = tree.MinimumSize,
            MaximumSize = tree.MaximumSize,
            ModifiedAfter = tree.ModifiedAfter,
            ModifiedBefore = tree.ModifiedBefore,
        };
    }

    /// <summary>Shows and completes what works between hosts; a sentence of the core refuses the rest.</summary>
    internal static Option<T> Choice<T>(Option<T> option, params T[] values)
        where T : struct, Enum
    {
        string[] names = [.. values.Select(value => value.ToString())];
        option.HelpName = string.Join('|', names);
        option.CompletionSources.Clear();
        option.CompletionSources.Add(names);
        return option;
    }
}
