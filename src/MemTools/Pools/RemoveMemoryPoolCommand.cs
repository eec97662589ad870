using System.Management.Automation;
using MemTools.Commands.Support;
using MemTools.Kernel;
using MemTools.Pools;

namespace MemTools.Commands;

/// <summary>Remove-MemoryPool: gives a pool's memory back to the kernel.</summary>
[Cmdlet(VerbsCommon.Remove, "MemoryPool", SupportsShouldProcess = true)]
[OutputType(typeof(void))]
public sealed class RemoveMemoryPoolCommand : PSCmdlet
{
    private const int MostNamed = 5;

    /// <summary>The pools, or their names.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [MemoryPoolTransformation]
    [ArgumentCompleter(typeof(MemoryPoolNameCompleter))]
    [ValidateNotNullOrEmpty]
    public MemoryPool[] Pool { get; set; } = [];

    /// <summary>Also while blocks are rented.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (MemoryPool pool in Pool)
        {
            if (ShouldProcess(pool.Name, $"Remove the {pool.Kind.ToLowerInvariant()} pool"))
                Remove(pool);
        }
    }

    private void Remove(MemoryPool pool)
    {
        // What a region has rented is meant to go with it.
        if (!Force && pool is not RegionPool && pool.InUse is > 0 and var rented)
        {
            WriteError(ErrorRecords.From(Refusal(pool, rented), pool));
            return;
        }

        try
        {
            pool.Dispose();
        }
        catch (Exception e) when (e is IHasErrorKind or AggregateException)
        {
            WriteError(ErrorRecords.From(e, pool));
        }
    }

    private static MemToolsException Refusal(MemoryPool pool, long rented)
    {
        IReadOnlyList<RentedBlock> known = pool.GetRented();
        IEnumerable<string> blocks = known.Take(MostNamed)
            .Select(block => $"0x{block.Address:x} ({HumanUnits.Size(block.Length)}{(block.RentedAt is { } place ? $", rented at {place}" : string.Empty)})");
        string list = known.Count == 0 ? string.Empty : $": {string.Join(", ", blocks)}{(rented > Math.Min(known.Count, MostNamed) ? " and others" : string.Empty)}";
        string what = rented == 1 ? "1 block of the pool '{0}' is rented" : $"{rented} blocks of the pool '{{0}}' are rented";
        return new(
            ErrorKind.Busy,
            string.Format(System.Globalization.CultureInfo.InvariantCulture, what, pool.Name)
            + $"{list}. Return them first, or use -Force: they then throw ObjectDisposedException.");
    }
}
