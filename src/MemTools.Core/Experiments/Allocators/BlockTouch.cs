namespace MemTools.Experiments;

/// <summary>What is written into each block of a comparison before it is released.</summary>
public enum BlockTouch
{
    /// <summary>One byte in each page, as a program would that uses its memory: the kernel must provide all of it.</summary>
    EveryPage,

    /// <summary>Nothing: the cost of asking for memory alone.</summary>
    None,
}
