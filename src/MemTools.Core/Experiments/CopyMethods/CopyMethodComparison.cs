using MemTools.Kernel;
using MemTools.Transfer;
using MemTools.Transfer.Probing;

namespace MemTools.Experiments.CopyMethods;

/// <summary>
/// Runs every method on the same input: each in turn, in rounds whose order rotates, so that what changes on the machine
/// meanwhile meets them all.
/// </summary>
public sealed class CopyMethodComparison
{
    private readonly CopyComparisonOptions _options;
    private readonly RunTargets _targets;
    private readonly InterfaceFeature? _scatterGather;

    /// <summary>Prepares comparisons of one kind.</summary>
    /// <param name="options">What to run.</param>
    /// <exception cref="ArgumentException">The options contradict each other, or a number is out of range.</exception>
    /// <exception cref="SystemCallException">The destination's directory cannot be opened, or the interface does not answer.</exception>
    /// <exception cref="MemToolsException">There is no interface of that name.</exception>
    public CopyMethodComparison(CopyComparisonOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Count, 1);
        if (options.Target == ComparisonTarget.File != (options.Destination is not null))
            throw new ArgumentException("A destination belongs to the target File, and to no other.");
        if (options.Methods.Count == 0)
            throw new ArgumentException("Name at least one method.");
        _options = options with { Methods = [.. options.Methods.Distinct()] };
        _targets = new RunTargets(options);
        if (options.Target == ComparisonTarget.Socket)
            _scatterGather = ZeroCopySupport.FeaturesOf(options.Interface).Find(InterfaceProbe.ScatterGather);
    }

    /// <summary>Told of each piece, at most ten times a second: bytes of all runs together.</summary>
    public Action<TransferProgress>? Progress { get; set; }

    /// <summary>Compares the methods on one file.</summary>
    /// <param name="path">A regular file with content; it is only read.</param>
    /// <param name="stop">Ends the comparison within a quarter of a second.</param>
    /// <returns>One result for each method, in the order of the options.</returns>
    /// <exception cref="SystemCallException">A file cannot be opened, read or written.</exception>
    /// <exception cref="TransferException">The file became shorter.</exception>
    /// <exception cref="MemToolsException">The file cannot be compared, or no connection can be made.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public IReadOnlyList<CopyMethodResult> Compare(string path, CancellationToken stop = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using ComparedSource source = ComparedSource.Open(path, _options.Cache);
        List<MethodRun> methods = [];
        try
        {
            methods.AddRange(_options.Methods.Select(method => new MethodRun(method)));
            RunAll(source, methods, stop);
            CopyMethodReport report = new(_options, source, _targets.Description, _scatterGather);
            return report.Of(methods);
        }
        finally
        {
            methods.ForEach(method => method.Dispose());
        }
    }

    private void RunAll(ComparedSource source, List<MethodRun> methods, CancellationToken stop)
    {
        List<MethodRun> running = methods.FindAll(method => method.Suits(_options.Target));
        ComparisonProgress progress = new(Progress, source, running.Count * _options.Count);
        for (int round = 0; round < _options.Count && running.Count > 0; round++)
        {
            // The first of a round finds the processor's caches as the last of the one before left them.
            MethodRun[] order = [.. running.Skip(round % running.Count), .. running.Take(round % running.Count)];
            foreach (MethodRun method in order)
            {
                stop.ThrowIfCancellationRequested();
                using IRunTarget target = _targets.Open();
                bool isLast = round == _options.Count - 1;
                if (!method.TryRun(source, target, isLast, progress.Of(method.Method), stop))
                    running.Remove(method);
                progress.Next();
            }
        }
    }
}
