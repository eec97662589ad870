namespace MemTools.Rings;

/// <summary>How waiting for a ring ended.</summary>
public enum RingReadiness
{
    /// <summary>There is what was waited for.</summary>
    Ready,

    /// <summary>The ring was completed: it takes nothing more, or has nothing more to read.</summary>
    Completed,

    /// <summary>The time ran out.</summary>
    TimedOut,
}
