namespace MemTools.Experiments.CopyMethods;

/// <summary>Where a comparison sends the bytes.</summary>
public enum ComparisonTarget
{
    /// <summary>A TCP connection over the loopback interface, to a thread of one's own that discards what comes.</summary>
    Socket,

    /// <summary>A scratch file.</summary>
    File,

    /// <summary>/dev/null, which looks at no byte.</summary>
    Null,
}
