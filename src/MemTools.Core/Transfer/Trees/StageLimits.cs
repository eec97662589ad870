namespace MemTools.Transfer.Trees;

/// <summary>How long a run's new directories may be without their names, and how much may wait for that in all of them.</summary>
internal sealed class StageLimits
{
    /// <summary>Memory is not to grow with the tree: less than ten megabytes.</summary>
    private const int MostOutcomes = 12 * 1024;

    private int _outcomes;

    /// <summary>Whoever waits for a file is to see it soon, and a killed run is to have little to do again.</summary>
    internal TimeSpan Longest { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Takes note of one more outcome that waits. True where these are enough.</summary>
    internal bool Add() => Interlocked.Increment(ref _outcomes) >= MostOutcomes;

    internal void Remove(int count) => Interlocked.Add(ref _outcomes, -count);
}
