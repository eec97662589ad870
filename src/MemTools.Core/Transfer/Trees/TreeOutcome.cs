namespace MemTools.Transfer.Trees;

/// <summary>What became of one item of a tree: a result, an error, or a warning alone.</summary>
public sealed class TreeOutcome
{
    /// <summary>The item's path in the source; bytes that are not UTF-8 as <c>\xff</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The exact path where it is not UTF-8, else null.</summary>
    internal byte[]? SourceBytes { get; init; }

    /// <summary>What was done, or null.</summary>
    public FileTransferResult? Result { get; init; }

    /// <summary>Why it was not done, or null.</summary>
    public TransferException? Error { get; init; }

    /// <summary>Why it was left out, where that deserves a warning; or null.</summary>
    public string? Warning { get; init; }

    /// <summary>What -Verbose is told, or null.</summary>
    public string? Verbose { get; init; }
}
