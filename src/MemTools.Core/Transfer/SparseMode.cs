namespace MemTools.Transfer;

/// <summary>What becomes of holes.</summary>
public enum SparseMode
{
    /// <summary>Holes stay holes.</summary>
    Auto,

    /// <summary>Runs of zeros become holes too; they are found by reading, so the method is ReadWrite.</summary>
    Always,

    /// <summary>Holes are written as zeros, so that every block of the destination is allocated.</summary>
    Never,
}
