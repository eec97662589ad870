namespace MemTools.Rings;

/// <summary>What a write does where there is no room. Fixed when the ring is made.</summary>
public enum RingFullAction
{
    /// <summary>It waits until a reader has made room.</summary>
    Wait,

    /// <summary>It fails, and writes nothing.</summary>
    Error,

    /// <summary>It overwrites what is oldest, as a flight recorder does; what no reader got is counted.</summary>
    DropOldest,
}
