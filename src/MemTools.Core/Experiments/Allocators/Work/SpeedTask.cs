using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>
/// Does a round that warms everything up, a round that counts, and, where asked for, one in which the kernel counts
/// system calls.
/// </summary>
internal sealed class SpeedTask : IAllocatorWork<SpeedAnswer>
{
    internal static readonly WorkerTask<WorkOrder, SpeedAnswer> Task =
        new("allocator-speed", Measure, WorkJson.Default.WorkOrder, WorkJson.Default.SpeedAnswer);

    private readonly WorkOrder _order;

    private SpeedTask(WorkOrder order) => _order = order;

    public SpeedAnswer Do<TAllocator, TBlock>(TAllocator allocator)
        where TAllocator : struct, IBlockAllocator<TBlock>
        where TBlock : struct
    {
        // So that no method is compiled in the first round.
        _ = RoundRunner<TAllocator, TBlock>.Run(_order with { Count = _order.Threads }, allocator, rounds: 1);
        bool peakKnown = OwnMemory.TryForgetPeak();
        Round[] rounds = RoundRunner<TAllocator, TBlock>.Run(_order, allocator, _order.CountCalls ? 3 : 2, _order.CountCalls);
        (long resident, long peak) = OwnMemory.Resident();
        ThreadUsage usage = rounds[1].Usage;
        return new()
        {
            FirstNanoseconds = rounds[0].Nanoseconds(_order.Count),
            Nanoseconds = rounds[1].Nanoseconds(_order.Count),
            LoopNanoseconds = typeof(TBlock) == typeof(nint) ? LoopNanoseconds() : null,
            UserMicroseconds = usage.UserMicroseconds,
            KernelMicroseconds = usage.KernelMicroseconds,
            MinorFaults = usage.MinorFaults,
            MajorFaults = usage.MajorFaults,
            VoluntarySwitches = usage.VoluntarySwitches,
            InvoluntarySwitches = usage.InvoluntarySwitches,
            SystemCalls = rounds[^1].SystemCalls,
            SystemCallsUnknown = _order.CountCalls ? SystemCallCounter.WhyNot() : null,
            PeakResidentBytes = peakKnown ? peak : null,
            ResidentBytes = resident,
        };
    }

    private static SpeedAnswer Measure(WorkOrder order)
    {
        string? library = CalledLibrary.Prove(order);
        return AllocatorCatalog.Use(order, new SpeedTask(order)) with { Library = library };
    }

    private double LoopNanoseconds()
    {
        WorkOrder empty = _order with { Touch = BlockTouch.None };
        return RoundRunner<EmptyBlocks, nint>.Run(empty, EmptyBlocks.Open(), rounds: 2)[1].Nanoseconds(_order.Count);
    }
}
