namespace MemTools.Memory;

/// <summary>One step of the experiment that pins the top of the heap. All sizes are in bytes.</summary>
public sealed class PinnedTopStep
{
    /// <summary>What was done.</summary>
    public string Step { get; init; } = string.Empty;

    /// <summary>How far that moved the break; negative where it moved back.</summary>
    public long BreakMovedBytes { get; init; }

    /// <summary>How far the break is from where it was at first.</summary>
    public long HeapBytes { get; init; }

    /// <summary>Free memory in the heap, the top included.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The top chunk, the only one that moving the break back can return.</summary>
    public long TopBytes { get; init; }

    /// <summary>The worker's resident memory.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Untouched or Drained, as in a trace.</summary>
    public string Heap { get; init; } = string.Empty;
}
