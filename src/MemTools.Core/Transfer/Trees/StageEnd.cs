namespace MemTools.Transfer.Trees;

/// <summary>What waited for a directory's name, to be handed on when no lock is held.</summary>
/// <param name="Outcomes">What became of its entries.</param>
/// <param name="Later">Directories found in it, which can be entered now.</param>
/// <param name="Parent">The directory above, which has been kept open.</param>
internal sealed record StageEnd(List<TreeOutcome> Outcomes, List<TreeDirectory> Later, TreeLease Parent)
{
    /// <summary>How many outcomes were kept back.</summary>
    internal required int Held { get; init; }

    /// <summary>How many directories were found in one that does not exist now, and are not entered.</summary>
    internal int Dropped { get; init; }

    internal void HandOn(TreeRun run)
    {
        foreach (TreeDirectory directory in Later)
            run.Queue.Push(new TreeQueue.Step(directory, null));
        Parent.Dispose();
        run.Stages.Remove(Held);
        if (Outcomes.Count > 0)
            run.Results.Add(Outcomes);
    }
}
