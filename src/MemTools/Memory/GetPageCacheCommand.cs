using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-PageCache: tells how much of files is in the page cache.</summary>
[Cmdlet(VerbsCommon.Get, "PageCache", DefaultParameterSetName = PathSet)]
[OutputType(typeof(PageCacheInfo))]
public sealed class GetPageCacheCommand : PathCommand
{
    private FileSelection<PageCacheInfo> _files = null!;

    /// <summary>Takes all files below folders.</summary>
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Also tells where the pages in memory lie.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        bool detailed = Detailed;
        _files = new(file => PageCacheReader.Read(file, detailed), Interruption.Token);
    }

    /// <inheritdoc/>
    protected override void ProcessPath(string path)
    {
        foreach (FileOutcome<PageCacheInfo> outcome in Recurse ? _files.Below(path) : [_files.One(path)])
        {
            if (outcome.Failure is { } failure)
                WriteError(ErrorRecords.From(failure, outcome.Path));
            else
                WriteObject(outcome.Result);
        }
    }
}
