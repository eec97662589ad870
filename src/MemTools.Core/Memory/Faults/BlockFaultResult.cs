namespace MemTools.Memory;

/// <summary>What running a block of script cost on its thread.</summary>
public sealed class BlockFaultResult : FaultResult
{
    internal BlockFaultResult(FaultMeter meter, int runs)
        : base(meter) => Runs = runs;

    /// <summary>How often the block ran: once, or once for each object of the pipeline.</summary>
    public int Runs { get; }
}
