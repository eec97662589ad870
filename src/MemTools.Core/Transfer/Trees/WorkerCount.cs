namespace MemTools.Transfer.Trees;

/// <summary>How many threads copy a tree where nobody says.</summary>
internal static class WorkerCount
{
    /// <summary>Beyond these, more threads wait for the same directories and the same disk.</summary>
    private const int Most = 16;

    internal static int Default => Math.Clamp(Environment.ProcessorCount, 2, Most);
}
