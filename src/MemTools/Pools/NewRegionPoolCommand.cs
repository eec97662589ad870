using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>New-RegionPool: makes a pool whose blocks end together.</summary>
[Cmdlet(VerbsCommon.New, "RegionPool")]
[OutputType(typeof(RegionPool))]
public sealed class NewRegionPoolCommand : PSCmdlet
{
    /// <summary>Bytes of each mapping that blocks are cut from.</summary>
    [Parameter(Position = 0)]
    public long ChunkSize { get; set; } = new RegionPoolOptions().ChunkSize;

    /// <summary>What it is to be called.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Name { get; set; } = "region";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        try
        {
            WriteObject(RegionPool.Create(new() { ChunkSize = ChunkSize, Name = Name }));
        }
        catch (Exception e) when (e is IHasErrorKind)
        {
            ThrowTerminatingError(ErrorRecords.From(e, Name));
        }
    }
}
