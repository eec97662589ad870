namespace MemTools.Transfer.Trees;

/// <summary>A tree that is being copied. Its outcomes are taken by one reader; disposing it stops what is still at work.</summary>
public sealed class TreeTransfer : IDisposable
{
    private readonly TreeRun _run;
    private readonly IDisposable[] _owned;

    internal TreeTransfer(TreeRun run, params IDisposable[] owned)
    {
        _run = run;
        _owned = owned;
    }

    /// <summary>How far it is.</summary>
    public TreeProgress Progress => _run.Totals.Snapshot();

    /// <summary>A call in which a worker is and which the kernel will not interrupt, such as <c>fsync</c>; or null.</summary>
    public string? UninterruptibleCall => _run.UninterruptibleCall;

    /// <summary>Destinations that were being written in place when the copy was stopped, and are incomplete.</summary>
    public IReadOnlyList<string> LeftIncomplete => [.. _run.LeftIncomplete];

    /// <summary>What became of the items, in no fixed order.</summary>
    /// <param name="turn">Called about ten times a second, for progress.</param>
    /// <exception cref="OperationCanceledException">The copy was stopped.</exception>
    /// <exception cref="InvalidOperationException">The copy broke off for a reason that no item can be blamed for.</exception>
    public IEnumerable<TreeOutcome> Outcomes(Action? turn = null) => _run.Outcomes(turn);

    /// <summary>Stops what is at work, and waits until everything is in order.</summary>
    public void Dispose()
    {
        _run.Dispose();
        foreach (IDisposable one in _owned)
            one.Dispose();
    }
}
