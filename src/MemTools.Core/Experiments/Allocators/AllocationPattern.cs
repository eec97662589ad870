namespace MemTools.Experiments;

/// <summary>In which order the blocks of a comparison are allocated and released.</summary>
public enum AllocationPattern
{
    /// <summary>Each block is released before the next one is allocated.</summary>
    Pair,

    /// <summary>All blocks are allocated, then all released, the last one first.</summary>
    Batch,

    /// <summary>Blocks of 1 byte up to the size, each in the place of a randomly chosen one of up to 1,024 live blocks.</summary>
    Random,

    /// <summary>One thread allocates, another one releases; up to 1,024 blocks are on their way between the two.</summary>
    ProducerConsumer,

    /// <summary>
    /// Two thirds of the blocks are allocated, every other one is released, and the last third, of twice the size and
    /// so too large for the holes, is allocated in their stead; then all are released.
    /// </summary>
    Fragment,
}
