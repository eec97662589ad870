using System.CommandLine;
using MemTools.Transfer;
using MemTools.Transfer.Jobs;

namespace MemTools.Cli;

/// <summary>The options of <c>memtools sync</c>, and what they say together.</summary>
internal static class SyncOptions
{
    private static readonly Option<SkipWhen> SkipWhen = new("--skip-when") { Description = "Which files count as copied already." };

    private static readonly Option<bool> Delete = new("--delete") { Description = "Remove what the source no longer has." };

    private static readonly Option<long?> MaximumDelete = new("--maximum-delete")
    {
        Description = "Remove nothing where more items than this would go.",
        HelpName = "COUNT",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Keep large files that were interrupted, and go on with them.",
    };

    private static readonly Option<int> MaximumRetryCount = new("--maximum-retry-count")
    {
        Description = "How often to try an item again after a transient error.",
        HelpName = "COUNT",
    };

    private static readonly Option<double> RetryInterval = new("--retry-interval-sec")
    {
        Description = "How long to wait before that.",
        HelpName = "SECONDS",
        DefaultValueFactory = _ => 5,
    };

    private static readonly Option<long?> BandwidthLimit = new("--bandwidth-limit")
    {
        Description = "The most bytes a second, over all workers.",
        HelpName = "BYTES",
    };

    private static readonly Option<string?> Log = new("--log") { Description = "Append JSON lines to this file.", HelpName = "FILE" };

    private static readonly Option<bool> NoWait = new("--no-wait")
    {
        Description = "Fail at once where another job works on the destination.",
    };

    private static readonly Option<CopyMethod> Method = new("--method", "-m") { Description = "How the bytes move." };

    private static readonly Option<bool> Force = new("--force", "-f")
    {
        Description = "Replace read-only destinations and create missing directories above the destination.",
    };

    private static readonly Option<bool> InPlace = new("--in-place")
    {
        Description = "Write into existing files instead of replacing them.",
    };

    private static readonly Option<bool> RequireAtomic = new("--require-atomic")
    {
        Description = "Fail where a file could only be written in place.",
    };

    private static readonly Option<PreserveItems> Preserve = CopyCommand.NewPreserve();

    private static readonly Option<SparseMode> Sparse = new("--sparse") { Description = "What becomes of holes." };

    private static readonly Option<VerifyMode> Verify = new("--verify") { Description = "Check each copy before it takes its place." };

    private static readonly Option<bool> Flush = new("--flush") { Description = "Wait until each copy is on the disk." };

    private static readonly Option<CachePolicy> Cache = new("--cache-policy") { Description = "What stays in the page cache." };

    private static readonly Option<bool> RequireStable = new("--require-stable")
    {
        Description = "Fail where a file is modified while it is copied.",
    };

    internal static IEnumerable<Option> All =>
    [
        SkipWhen, Delete, MaximumDelete, Resume, MaximumRetryCount, RetryInterval, BandwidthLimit, Log, NoWait, Method, Force,
        InPlace, RequireAtomic, Preserve, Sparse, Verify, Flush, Cache, RequireStable, .. TreeOptions.All,
    ];

    internal static FolderSyncOptions Read(ParseResult result) => new()
    {
        Tree = TreeOptions.Read(result, ReadFile(result)),
        SkipWhen = result.GetValue(SkipWhen),
        Delete = result.GetValue(Delete),
        MaximumDelete = result.GetValue(MaximumDelete),
        MaximumRetryCount = result.GetValue(MaximumRetryCount),
        RetryInterval = Seconds(result.GetValue(RetryInterval)),
        BandwidthLimit = result.GetValue(BandwidthLimit),
        LogPath = result.GetValue(Log),
        NoWait = result.GetValue(NoWait),
    };

    private static TimeSpan Seconds(double seconds) =>
        TimeSpan.FromSeconds(Math.Clamp(double.IsNaN(seconds) ? -1 : seconds, -1, int.MaxValue));

    private static FileCopyOptions ReadFile(ParseResult result) => new()
    {
        Method = result.GetValue(Method),
        Force = result.GetValue(Force),
        InPlace = result.GetValue(InPlace),
        RequireAtomic = result.GetValue(RequireAtomic),
        Preserve = result.GetValue(Preserve),
        Sparse = result.GetValue(Sparse),
        Verify = result.GetValue(Verify),
        Flush = result.GetValue(Flush),
        CachePolicy = result.GetValue(Cache),
        RequireStable = result.GetValue(RequireStable),
        Resume = result.GetValue(Resume),
    };
}
