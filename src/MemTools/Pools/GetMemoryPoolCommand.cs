using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>Get-MemoryPool: lists the pools that live, or the blocks that are out.</summary>
[Cmdlet(VerbsCommon.Get, "MemoryPool", DefaultParameterSetName = PoolSet)]
[OutputType(typeof(FixedPool), typeof(RegionPool), typeof(SizeClassPool), ParameterSetName = [PoolSet])]
[OutputType(typeof(RentedBlock), ParameterSetName = [RentedSet])]
public sealed class GetMemoryPoolCommand : PSCmdlet
{
    private const string PoolSet = "Pool";
    private const string RentedSet = "Rented";

    /// <summary>Their names; wildcards are resolved.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(MemoryPoolNameCompleter))]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The blocks that are rented, instead of the pools.</summary>
    [Parameter(Mandatory = true, ParameterSetName = RentedSet)]
    public SwitchParameter Rented { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (string name in Name)
        {
            foreach (MemoryPool pool in NamedObjects.Find(this, name, "memory pool", MemoryPool.GetAll(), pool => pool.Name))
                WriteObject(Rented ? pool.GetRented() : pool, enumerateCollection: Rented);
        }
    }
}
