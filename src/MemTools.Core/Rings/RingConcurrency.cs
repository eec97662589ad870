namespace MemTools.Rings;

/// <summary>How many threads may use an object ring at a time. Fixed when the ring is made.</summary>
public enum RingConcurrency
{
    /// <summary>Any number of writers and readers, without locks.</summary>
    MultiProducer,

    /// <summary>One writer and one reader, which is faster; two that overlap are found out.</summary>
    SingleProducer,

    /// <summary>Any number, behind one spinning lock: to compare.</summary>
    Spinlock,
}
