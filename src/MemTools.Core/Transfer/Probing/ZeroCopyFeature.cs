namespace MemTools.Transfer.Probing;

/// <summary>One thing that a file system, a pair of them or a network interface can or cannot do.</summary>
public sealed class ZeroCopyFeature
{
    /// <summary><c>FileSystem</c>, <c>Pair</c> (from one path to another) or <c>Interface</c>.</summary>
    public required string Scope { get; init; }

    /// <summary>The path, both paths of a pair, or the interface that was asked about.</summary>
    public required string Target { get; init; }

    /// <summary>The type of the file system, as <c>ext4</c>, both of a pair; null for an interface, and where it is unknown.</summary>
    public required string? FileSystem { get; init; }

    /// <summary>The feature, such as <c>Reflink</c> or <c>ScatterGather</c>.</summary>
    public required string Feature { get; init; }

    /// <summary>Whether it works here; null where that could not be found out, and Reason says why.</summary>
    public required bool? Supported { get; init; }

    /// <summary>What more is known, such as the alignment of direct I/O; empty where there is nothing.</summary>
    public required string Detail { get; init; }

    /// <summary>The errno by name that the kernel answered, such as <c>EXDEV</c>; empty where there was none.</summary>
    public required string ErrorName { get; init; }

    /// <summary>Why it does not work, or why that is unknown, in a sentence; empty where it works.</summary>
    public required string Reason { get; init; }
}
