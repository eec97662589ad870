using MemTools.Kernel;

namespace MemTools.Experiments;

/// <summary>
/// The same work for several allocators, each in processes of its own. The repeats go round all rows in turn, so that
/// whatever disturbs the machine meanwhile disturbs each row alike.
/// </summary>
internal sealed class AllocatorComparison
{
    private readonly AllocatorComparisonOptions _options;
    private readonly AllocatorRow[] _rows;
    private int _done;

    /// <exception cref="MemToolsException">The work makes no sense, or would not fit into memory.</exception>
    internal AllocatorComparison(AllocatorComparisonOptions options)
    {
        AllocatorLimits.Check(options);
        _options = options;
        _rows =
        [
            .. from size in options.Sizes.Distinct()
               from threads in AllocatorLimits.Threads(options).Distinct()
               from allocator in options.Allocators.Distinct()
               select new AllocatorRow(options, allocator, size, threads),
        ];
        long available = AllocatorLimits.AvailableMemory();
        foreach (AllocatorRow row in _rows.Where(row => row.Open))
            AllocatorLimits.CheckMemory(options, row, available);
    }

    /// <summary>Called before each process is started.</summary>
    internal Action<AllocatorProgress>? Progress { get; init; }

    /// <summary>Measures. A row that fails does not keep the others from being measured.</summary>
    /// <exception cref="OperationCanceledException">Stopped; no worker is left.</exception>
    internal IReadOnlyList<AllocatorOutcome> Run(CancellationToken stop)
    {
        for (int repeat = 0; repeat < _options.Repeat; repeat++)
        {
            foreach (AllocatorRow row in _rows.Where(row => row.Open))
                Visit(row, () => row.Add(Ask(SpeedTask.Task, row.Order, timed: true, stop)));
        }

        foreach (IGrouping<(AllocatorKind, long), AllocatorRow> alike in _rows.Where(row => row.Open).GroupBy(row => (row.Allocator, row.Size)))
            MeasureFootprint([.. alike], stop);
        AllocatorRow[] measured = [.. _rows.Where(row => row.Open)];
        return [.. _rows.Select(row => new AllocatorOutcome(row.Name, row.Failure is null ? row.ToResult(measured) : null, row.Failure))];
    }

    /// <summary>Once for all numbers of threads: it is one thread's work.</summary>
    private void MeasureFootprint(IReadOnlyList<AllocatorRow> rows, CancellationToken stop) => Visit(rows[0], () =>
    {
        FootprintAnswer answer = Ask(FootprintTask.Task, rows[0].Order, timed: false, stop);
        foreach (AllocatorRow row in rows)
            row.Footprint = answer;
    });

    private void Visit(AllocatorRow row, Action measure)
    {
        int footprints = _rows.Where(row => row.Open).DistinctBy(row => (row.Allocator, row.Size)).Count();
        int all = (_options.Repeat * _rows.Count(row => row.Open)) + footprints;
        Progress?.Invoke(new(row.Name, _done++, Math.Max(all, _done)));
        try
        {
            measure();
        }
        catch (MemToolsException e)
        {
            row.Fail(e);
        }
    }

    private static TAnswer Ask<TAnswer>(WorkerTask<WorkOrder, TAnswer> task, WorkOrder order, bool timed, CancellationToken stop) =>
        Worker.Run(task, order, WorkerEnvironment.Of(order, timed), stop);
}
