using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Memory;

namespace MemTools.Commands;

/// <summary>Get-MemoryMap: the regions of a process's memory, and what of them is in memory.</summary>
[Cmdlet(VerbsCommon.Get, "MemoryMap", DefaultParameterSetName = IdSet)]
[OutputType(typeof(MemoryRegion), typeof(MemoryRegionDetail), typeof(MemoryMapTotal))]
public sealed class GetMemoryMapCommand : ProcessCommand
{
    /// <summary>The addresses whose regions are wanted.</summary>
    [Parameter]
    [AddressTransformation]
    [ValidateNotNullOrEmpty]
    public ulong[] Address { get; set; } = [];

    /// <summary>The kinds of regions that are wanted.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public MemoryRegionKind[] Kind { get; set; } = [];

    /// <summary>Adds what of each region is in memory.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <summary>Adds up the regions kind by kind.</summary>
    [Parameter]
    public SwitchParameter Summary { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Summary && Detailed)
            Refuse("-Summary adds up what -Detailed shows region by region: use one of them.");
        if (Address.Length > 0 && (Summary || Kind.Length > 0))
            Refuse("-Address picks the region that holds an address: leave out -Summary and -Kind.");
    }

    /// <inheritdoc/>
    protected override void ProcessOne(int id)
    {
        if (Summary)
            WriteObject(MemoryMapSummary.Read(id, Kind, Interruption.Token), enumerateCollection: true);
        else
            WriteRegions(id, MemoryMap.Read(id, Detailed, Interruption.Token));
    }

    private void WriteRegions(int id, IReadOnlyList<MemoryRegion> regions)
    {
        foreach (ulong address in Address)
            WriteRegionAt(id, regions, address);
        if (Address.Length > 0)
            return;
        foreach (MemoryRegion region in regions)
        {
            if (Kind.Length == 0 || Kind.Contains(region.Backing.Kind))
                WriteObject(region);
        }
    }

    private void WriteRegionAt(int id, IReadOnlyList<MemoryRegion> regions, ulong address)
    {
        try
        {
            WriteObject(MemoryMap.Find(regions, id, address));
        }
        catch (MemToolsException e)
        {
            WriteError(ErrorRecords.From(e, address));
        }
    }

    private void Refuse(string why)
    {
        MemToolsException e = new(ErrorKind.Misuse, why);
        ThrowTerminatingError(ErrorRecords.Misuse(e, nameof(ErrorKind.Misuse), null));
    }
}
