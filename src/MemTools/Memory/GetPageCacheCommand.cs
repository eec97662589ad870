using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-PageCache: tells how much of files is in the page cache.</summary>
[Cmdlet(VerbsCommon.Get, "PageCache", DefaultParameterSetName = PathSet)]
[OutputType(typeof(PageCacheInfo))]
public sealed class GetPageCacheCommand : PageCacheCommand<PageCacheInfo>
{
    /// <summary>Also tells where the pages in memory lie.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override string Activity => "Asking for cached pages";

    private protected override Func<CachedFile, PageCacheInfo> Work()
    {
        bool detailed = Detailed;
        return file => PageCacheReader.Read(file, detailed);
    }
}
