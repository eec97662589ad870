namespace MemTools.Transfer.Trees;

/// <summary>How many outcomes of a run wait for a directory's name, in all of its directories: memory is not to grow with the tree.</summary>
internal sealed class HeldOutcomes
{
    /// <summary>Some ten megabytes.</summary>
    private const int Most = 16 * 1024;

    private int _count;

    /// <summary>Takes note of one more. True where that is enough.</summary>
    internal bool Add() => Interlocked.Increment(ref _count) >= Most;

    internal void Remove(int count) => Interlocked.Add(ref _count, -count);
}
