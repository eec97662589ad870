using System.CommandLine;
using MemTools.Transfer;
using MemTools.Transfer.Trees;

namespace MemTools.Cli;

/// <summary>The options that <c>memtools copy --recursive</c> and <c>memtools sync</c> share.</summary>
internal static class TreeOptions
{
    private static readonly Option<SymlinkMode> Symlink = new("--symlink") { Description = "What becomes of symbolic links." };

    private static readonly Option<SpecialFileMode> SpecialFile = new("--special-file")
    {
        Description = "What becomes of FIFOs, sockets and devices.",
    };

    private static readonly Option<bool> OneFileSystem = new("--one-file-system", "-x")
    {
        Description = "Leave out what is on other file systems.",
    };

    private static readonly Option<string[]> Include = new("--include")
    {
        Description = "A pattern of which a file has to match one; can be given again.",
        HelpName = "PATTERN",
    };

    private static readonly Option<string[]> Exclude = new("--exclude")
    {
        Description = "A pattern of what is left out; can be given again.",
        HelpName = "PATTERN",
    };

    private static readonly Option<long?> MinimumSize = new("--minimum-size") { Description = "Leave out smaller files.", HelpName = "BYTES" };

    private static readonly Option<long?> MaximumSize = new("--maximum-size") { Description = "Leave out larger files.", HelpName = "BYTES" };

    private static readonly Option<DateTimeOffset?> ModifiedAfter = new("--modified-after")
    {
        Description = "Leave out files last modified at or before this.",
        HelpName = "TIME",
    };

    private static readonly Option<DateTimeOffset?> ModifiedBefore = new("--modified-before")
    {
        Description = "Leave out files last modified at or after this.",
        HelpName = "TIME",
    };

    private static readonly Option<int> Throttle = new("--throttle-limit") { Description = "How many threads copy.", HelpName = "COUNT" };

    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Say what would be done, and change nothing." };

    internal static IReadOnlyList<Option> All { get; } =
    [
        Symlink, SpecialFile, OneFileSystem, Include, Exclude, MinimumSize, MaximumSize, ModifiedAfter, ModifiedBefore, Throttle, DryRun,
    ];

    internal static TreeCopyOptions Read(ParseResult result, FileCopyOptions file) => new()
    {
        File = file,
        Symlink = result.GetValue(Symlink),
        SpecialFile = result.GetValue(SpecialFile),
        OneFileSystem = result.GetValue(OneFileSystem),
        Include = result.GetValue(Include) ?? [],
        Exclude = result.GetValue(Exclude) ?? [],
        MinimumSize = result.GetValue(MinimumSize),
        MaximumSize = result.GetValue(MaximumSize),
        ModifiedAfter = result.GetValue(ModifiedAfter),
        ModifiedBefore = result.GetValue(ModifiedBefore),
        ThrottleLimit = result.GetValue(Throttle),
        PlanOnly = result.GetValue(DryRun),
    };
}
