using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Set-PageCache: brings files into the page cache, or takes them out.</summary>
[Cmdlet(VerbsCommon.Set, "PageCache", DefaultParameterSetName = PathSet, SupportsShouldProcess = true)]
[OutputType(typeof(PageCacheChange))]
public sealed class SetPageCacheCommand : PageCacheCommand<PageCacheChange>
{
    /// <summary>What to do.</summary>
    [Parameter(Mandatory = true, Position = 1)]
    public PageCacheAction Action { get; set; }

    /// <summary>The first byte.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Offset { get; set; }

    /// <summary>How many bytes.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long Length { get; set; }

    private protected override string Activity => Action == PageCacheAction.Load ? "Loading files" : "Evicting files";

    private protected override Func<CachedFile, PageCacheChange> Work()
    {
        long? length = MyInvocation.BoundParameters.ContainsKey(nameof(Length)) ? Length : null;
        return new PageCacheControl(Action, Offset, length, Interruption.Token) { Progress = Report }.Apply;
    }

    private protected override bool IsWanted(string path) => ShouldProcess(
        path, Action == PageCacheAction.Load ? "Load into the page cache" : "Write back and evict from the page cache");

    private protected override void Write(PageCacheChange change)
    {
        if (change.Complete == false)
            WriteWarning(Shortfall(change));
        WriteObject(change);
    }

    private static string Shortfall(PageCacheChange change) => change.Action == nameof(PageCacheAction.Load)
        ? $"{change.ResidentPagesAfter} of {change.Pages} pages of '{change.Path}' are in memory: memory is short, or somebody evicts them."
        : $"{change.ResidentPagesAfter} of {change.Pages} pages of '{change.Path}' stayed in memory: a process has them mapped or locked or uses them right now, or the file system keeps its files there.";
}
